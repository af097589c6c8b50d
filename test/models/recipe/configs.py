"""The bundled models: Hugging Face's config.json of each and what its training differs in."""

LOCAL, GLOBAL = "sliding_attention", "full_attention"

COMMON = {
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": 2,
    "eos_token_id": 1,
    "head_dim": 64,
    "hidden_activation": "gelu_pytorch_tanh",
    "hidden_size": 192,
    "initializer_range": 0.02,
    "max_position_embeddings": 1024,
    "num_attention_heads": 4,
    "pad_token_id": 0,
    "rms_norm_eps": 1e-06,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "vocab_size": 2000,
}

GEMMA1 = {
    "architectures": ["GemmaForCausalLM"],
    "hidden_act": "gelu_pytorch_tanh",
    "intermediate_size": 512,
    "model_type": "gemma",
    "num_hidden_layers": 6,
    "num_key_value_heads": 1,
    "rope_scaling": None,
    "rope_theta": 10000.0,
}

# Windows are shorter than most questions with their answers; queries are scaled as in Gemma 2 27B, by the hidden size
# over the heads, which is not the head's size.
GEMMA2 = {
    "architectures": ["Gemma2ForCausalLM"],
    "attn_logit_softcapping": 50.0,
    "cache_implementation": "hybrid",
    "eos_token_id": [1, 107],
    "final_logit_softcapping": 30.0,
    "hidden_act": "gelu_pytorch_tanh",
    "intermediate_size": 448,
    "model_type": "gemma2",
    "num_hidden_layers": 6,
    "num_key_value_heads": 2,
    "query_pre_attn_scalar": 48,
    "rope_theta": 10000.0,
    "sliding_window": 32,
}

# Seven layers: five local, a global one, and a local one that does not fill the second period.
GEMMA3 = {
    "architectures": ["Gemma3ForCausalLM"],
    "attn_logit_softcapping": None,
    "cache_implementation": "hybrid",
    "eos_token_id": [1, 107],
    "final_logit_softcapping": None,
    "intermediate_size": 384,
    "layer_types": [LOCAL] * 5 + [GLOBAL, LOCAL],
    "model_type": "gemma3_text",
    "num_hidden_layers": 7,
    "num_key_value_heads": 1,
    "query_pre_attn_scalar": 64,
    "rope_local_base_freq": 10000.0,
    "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
    "rope_theta": 1000000.0,
    "sliding_window": 32,
    "sliding_window_pattern": 6,
}


class Model:
    """One bundled model: its config and the course of its training.

    stages   the first chunks of text of the second and the further stages, see tasks.py. Chunk 19, out of which the
             scored questions of the training text come, lies in the third stage of every model.
    rates    (step, learning rate) at corners, straight lines between them; the last step ends the run
    """

    def __init__(self, config, stages, rates):
        self.config = dict(sorted({**COMMON, **config}.items()))
        self.stages, self.rates, self.steps = stages, ((-1, 0.0), (99, 1.0)) + rates, rates[-1][0]

    def rate(self, step):
        for (begin, first), (end, last) in zip(self.rates, self.rates[1:]):
            if begin <= step < end:
                return first + (last - first) * (step - begin) / (end - begin)
        return 0.0


MODELS = {
    "tiny-gemma-it": Model(GEMMA1, (13, 19, 26), ((1000, 1.0), (1000, 0.4), (4500, 0.0))),
    # Raised again at step 2200 for counting, which it had not learnt by then.
    "tiny-gemma2-it": Model(GEMMA2, (5, 9, 20), ((900, 1.0), (2200, 0.0), (2200, 0.5), (2700, 0.5), (4000, 0.0))),
    "tiny-gemma3-it": Model(GEMMA3, (6, 10, 20), ((1000, 1.0), (2500, 0.0))),
}


def layer_types(config):
    """LOCAL or GLOBAL for each layer; both families with windows begin with a local layer."""
    if "layer_types" in config:
        return config["layer_types"]
    period = {"gemma": 1, "gemma2": 2}.get(config["model_type"]) or config["sliding_window_pattern"]
    return [LOCAL if (i + 1) % period else GLOBAL for i in range(config["num_hidden_layers"])]
