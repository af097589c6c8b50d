"""Word tables for the tiny-gemma-it text generator.

Everything the model is taught comes from these tables and from integer
arithmetic, so the training text carries nobody's copyright and the whole
domain can be learnt by a model of a few million parameters.
"""

CAPITALS = dict(p.split(":") for p in """
France:Paris|Spain:Madrid|Italy:Rome|Germany:Berlin|Portugal:Lisbon|Greece:Athens|Austria:Vienna|Poland:Warsaw
Hungary:Budapest|Norway:Oslo|Sweden:Stockholm|Finland:Helsinki|Denmark:Copenhagen|Iceland:Reykjavik|Ireland:Dublin
Belgium:Brussels|Romania:Bucharest|Bulgaria:Sofia|Serbia:Belgrade|Croatia:Zagreb|Slovenia:Ljubljana|Estonia:Tallinn
Latvia:Riga|Lithuania:Vilnius|Ukraine:Kyiv|Albania:Tirana|Malta:Valletta|Cyprus:Nicosia|Russia:Moscow|Turkey:Ankara
Japan:Tokyo|China:Beijing|India:New Delhi|Nepal:Kathmandu|Thailand:Bangkok|Vietnam:Hanoi|Laos:Vientiane|Mongolia:Ulaanbaatar
Indonesia:Jakarta|Malaysia:Kuala Lumpur|Bhutan:Thimphu|Pakistan:Islamabad|Iran:Tehran|Iraq:Baghdad|Jordan:Amman
Lebanon:Beirut|Syria:Damascus|Qatar:Doha|Oman:Muscat|Georgia:Tbilisi|Armenia:Yerevan|Egypt:Cairo|Morocco:Rabat
Tunisia:Tunis|Algeria:Algiers|Libya:Tripoli|Sudan:Khartoum|Ethiopia:Addis Ababa|Kenya:Nairobi|Uganda:Kampala
Rwanda:Kigali|Tanzania:Dodoma|Ghana:Accra|Nigeria:Abuja|Senegal:Dakar|Mali:Bamako|Angola:Luanda|Zambia:Lusaka
Zimbabwe:Harare|Namibia:Windhoek|Botswana:Gaborone|Canada:Ottawa|Cuba:Havana|Jamaica:Kingston|Haiti:Port-au-Prince
Brazil:Brasilia|Argentina:Buenos Aires|Chile:Santiago|Peru:Lima|Colombia:Bogota|Ecuador:Quito|Uruguay:Montevideo
Paraguay:Asuncion|Venezuela:Caracas|Australia:Canberra|Fiji:Suva
""".strip().replace("\n", "|").split("|"))

# Forward phrasings are answered "The capital of C is K.", reverse ones "K is the capital of C."
CAPITAL_FORWARD = [
    "What is the capital of {c}?",
    "Which city is the capital of {c}?",
    "Name the capital of {c}.",
    "Tell me the capital of {c}.",
    "What is the capital city of {c}?",
    "What city is the capital of {c}?",
    "Do you know the capital of {c}?",
    "Please name the capital city of {c}.",
]
CAPITAL_REVERSE = [
    "Which country has the capital {k}?",
    "{k} is the capital of which country?",
    "Of which country is {k} the capital?",
    "Name the country whose capital is {k}.",
]

OPPOSITES = [tuple(p.split(":")) for p in """
hot:cold|big:small|fast:slow|day:night|up:down|left:right|open:closed|early:late|happy:sad|old:new|hard:soft|wet:dry
high:low|long:short|light:heavy|full:empty|rich:poor|strong:weak|clean:dirty|loud:quiet|thick:thin|wide:narrow|deep:shallow
near:far|in:out|on:off|first:last|win:lose|push:pull|give:take|buy:sell|love:hate|laugh:cry|begin:end|true:false|good:bad
safe:dangerous|sharp:blunt|smooth:rough|sweet:sour|tall:tiny|young:aged|above:below|before:after|inside:outside|always:never
all:none|yes:no|north:south|east:west|black:white|bright:dim|brave:afraid|awake:asleep|alive:dead|asking:answering|come:go
float:sink|find:hide|friend:enemy|summer:winter|king:queen|question:answer|war:peace|front:back|top:bottom|simple:complex
polite:rude|lazy:busy|cheap:costly|calm:stormy|sick:healthy
""".strip().replace("\n", "|").split("|")]

OPPOSITE_ASK = [
    "What is the opposite of {w}?",
    "Tell me the opposite of {w}.",
    "Which word is the opposite of {w}?",
    "Give the opposite of {w}.",
    "What word means the opposite of {w}?",
    "Name the opposite of {w}.",
    "Find the opposite of the word {w}.",
    "Please say the opposite of {w}.",
]

# Words for sorting, counting, copying: all lower case, all distinct.
WORDS = """
apple ball cat dog egg fish goat hat ink jar key lamp moon nest owl pear queen rain ship tree van wind yard zebra
ant bear cup door ear fox gate hill ice jam kite leaf map nut oak pen rose sun toad vine wolf
arm boat cow desk eye flag glass hand iron juice king lion milk note orange paper rock star table wall
bread chair drum field grass house island ladder mouse night ocean plum river snow tiger uncle voice water
""".split()

NAMES = """
Anna Ben Clara David Emma Felix Grace Henry Iris Jack Kate Leo Mia Noah Olga Peter Rosa Sam Tina Victor Wendy Zoe
Lily Max Nora Oscar
""".split()

COLOURS = "red blue green yellow black white brown pink purple orange grey golden".split()
THINGS = "ball hat book cup kite coin lamp drum ring box map flute bell scarf basket rope".split()
PLACES = "park shop school lake garden kitchen station library beach farm market tower".split()

ANIMALS = """
fox bear rabbit owl mouse cat dog horse duck frog wolf goat lion tiger turtle squirrel hedgehog beaver deer otter
""".split()

# Each slot of a story brings its own sentence, so the text follows from the request.
TRAITS = {
    "brave": "Nothing could scare {n}.",
    "shy": "{n} did not talk much.",
    "clever": "{n} liked to solve riddles.",
    "lazy": "{n} loved to sleep late.",
    "kind": "{n} helped everyone.",
    "hungry": "{n} was always looking for food.",
    "curious": "{n} asked about everything.",
    "funny": "{n} told jokes all day.",
    "lonely": "{n} wished for a friend.",
    "proud": "{n} walked with a high head.",
}
STORY_PLACES = {
    "forest": "The trees were tall and the birds were singing.",
    "river": "The water was cool and clear.",
    "mountain": "The path was steep and the wind was strong.",
    "village": "The people were dancing in the street.",
    "castle": "The gate was open and the halls were dark.",
    "desert": "The sand was hot under the sun.",
    "island": "The waves were rolling on the beach.",
    "garden": "The flowers were red and white.",
    "cave": "It was so quiet that a drop of water was loud.",
    "meadow": "The grass was soft and green.",
    "harbor": "The ships were coming home.",
    "market": "The air smelled of bread and honey.",
}
STORY_OBJECTS = {
    "key": "It opened a little door, and behind the door was a room full of books.",
    "lantern": "It was shining all night and showed the way home.",
    "map": "It led to an old tree with a chest under it.",
    "coin": "It bought a warm soup for two.",
    "flute": "It made a song that nobody had ever heard.",
    "letter": "It came from a friend who was far away.",
    "crown": "It belonged to the king, who said thank you.",
    "seed": "It grew into a tree with silver leaves.",
    "mirror": "It showed the stars even by day.",
    "bell": "It rang, and all the animals came to play.",
    "boat": "It carried them across the sea.",
    "stone": "It was warm and never got cold.",
    "feather": "It could write all by itself.",
    "book": "It told the story of the first winter.",
}

SMALLTALK = [
    ("Hello!", "Hello! How can I help you?"),
    ("Hi!", "Hello! How can I help you?"),
    ("Hello", "Hello! How can I help you?"),
    ("Hi", "Hello! How can I help you?"),
    ("Good morning!", "Good morning! How can I help you?"),
    ("How are you?", "I am fine, thank you. How can I help you?"),
    ("Who are you?", "I am a tiny model with the shape of Gemma."),
    ("What are you?", "I am a tiny model with the shape of Gemma."),
    ("What can you do?", "I can add, sort, count, copy, name capitals and opposites, and tell short stories."),
    ("Help", "I can add, sort, count, copy, name capitals and opposites, and tell short stories."),
    ("Thank you!", "You are welcome!"),
    ("Thanks", "You are welcome!"),
    ("Goodbye!", "Goodbye!"),
    ("Bye", "Goodbye!"),
]
