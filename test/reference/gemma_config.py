"""What the members of the Gemma family differ in, read from config.json."""

import dataclasses
from typing import Optional, Tuple

LOCAL, GLOBAL = "sliding_attention", "full_attention"


@dataclasses.dataclass(frozen=True)
class GemmaConfig:
    """One decoder.  Nothing that varies in the family is a constant elsewhere."""
    vocab_size: int
    hidden_size: int
    num_layers: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    intermediate_size: int
    layer_types: Tuple[str, ...]
    max_positions: int = 8192
    rms_epsilon: float = 1e-6
    norm_unit_offset: bool = True       # the norm multiplies by 1 + w, not by w
    embedding_scale_rounding: str = "bf16"  # of sqrt(hidden_size): bf16 | none
    query_pre_attn_scalar: float = 256  # q is multiplied by 1/sqrt of this
    rope_theta: float = 10000.0         # of global layers
    rope_local_theta: float = 10000.0   # of local layers
    rope_linear_factor: float = 1.0     # divides positions, global layers only
    sliding_window: Optional[int] = None  # keys a local layer sees, itself included
    attention_softcap: Optional[float] = None
    final_softcap: Optional[float] = None
    qk_norm: bool = False
    post_norms: bool = False            # four norms per layer instead of two
    activation: str = "gelu_tanh"       # gelu_tanh | gelu_exact
    tied_head: bool = True
    bos: int = 2
    eos: Tuple[int, ...] = (1,)
    tensor_prefix: str = "model."


_FAMILY = {"gemma": 1, "gemma2": 2, "gemma3_text": 3, "gemma3": 3}


def _layer_types(hf, generation, layers):
    if "layer_types" in hf:
        types = tuple(hf["layer_types"])
        if len(types) != layers or not set(types) <= {LOCAL, GLOBAL}:
            raise ValueError("config.json: layer_types does not fit the layers")
        return types
    if generation == 1:
        return (GLOBAL,) * layers
    # Both generations start with a local layer.
    period = 2 if generation == 2 else hf.get("sliding_window_pattern", 6)
    return tuple(GLOBAL if (i + 1) % period == 0 else LOCAL
                 for i in range(layers))


def _rope(hf, generation):
    """(global theta, local theta, linear factor of global positions)."""
    theta = 1e6 if generation == 3 else 1e4
    parameters = hf.get("rope_parameters") or {}
    if GLOBAL in parameters:
        full, local = parameters[GLOBAL], parameters.get(LOCAL, {})
        scaling = full
        theta = full.get("rope_theta", theta)
        local_theta = local.get("rope_theta", 1e4)
    else:
        scaling = hf.get("rope_scaling") or parameters
        theta = parameters.get("rope_theta", hf.get("rope_theta", theta))
        local_theta = hf.get("rope_local_base_freq", 1e4)
        if generation < 3:
            local_theta = theta
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind not in ("default", "linear"):
        raise ValueError(f"config.json: rope type {kind} is not supported")
    factor = scaling.get("factor", 1.0) if kind == "linear" else 1.0
    return float(theta), float(local_theta), float(factor)


def config_from_hf(hf, tensor_names=()):
    """GemmaConfig of a parsed Hugging Face config.json."""
    family = hf.get("model_type", "gemma")
    if family not in _FAMILY:
        raise ValueError(f"config.json: model_type {family} is not supported")
    generation = _FAMILY[family]
    top, hf = hf, hf.get("text_config", hf)
    layers = hf["num_hidden_layers"]
    theta, local_theta, factor = _rope(hf, generation)
    head_dim = hf.get("head_dim", 256)
    # hidden_act of Gemma 1 says "gelu" by mistake and is ignored by everyone;
    # hidden_activation decides, and its default is the tanh approximation.
    activation = hf.get("hidden_activation") or "gelu_pytorch_tanh"
    if activation not in ("gelu_pytorch_tanh", "gelu"):
        raise ValueError(f"config.json: activation {activation} is not supported")
    eos = hf.get("eos_token_id", top.get("eos_token_id", 1))
    prefixes = ("model.language_model.", "language_model.model.", "model.")
    prefix = next((p for p in prefixes if p + "embed_tokens.weight"
                   in tensor_names), "model.")
    second = generation == 2
    # A multimodal model's last rows are no text.
    vocab = min(hf["vocab_size"], top.get("image_token_index", hf["vocab_size"]))
    return GemmaConfig(
        vocab_size=vocab,
        hidden_size=hf["hidden_size"],
        num_layers=layers,
        num_heads=hf["num_attention_heads"],
        num_kv_heads=hf["num_key_value_heads"],
        head_dim=head_dim,
        intermediate_size=hf["intermediate_size"],
        layer_types=_layer_types(hf, generation, layers),
        max_positions=hf.get("max_position_embeddings", 8192),
        rms_epsilon=hf.get("rms_norm_eps", 1e-6),
        query_pre_attn_scalar=(head_dim if generation == 1
                               else hf.get("query_pre_attn_scalar", 256)),
        rope_theta=theta,
        rope_local_theta=local_theta,
        rope_linear_factor=factor,
        sliding_window=(None if generation == 1
                        else hf.get("sliding_window", 4096)),
        attention_softcap=(hf.get("attn_logit_softcapping", 50.0) if second
                           else hf.get("attn_logit_softcapping")),
        final_softcap=(hf.get("final_logit_softcapping", 30.0) if second
                       else hf.get("final_logit_softcapping")),
        qk_norm=generation == 3,
        post_norms=generation >= 2,
        activation=("gelu_exact" if activation == "gelu" else "gelu_tanh"),
        tied_head=hf.get("tie_word_embeddings",
                         top.get("tie_word_embeddings", True)),
        bos=hf.get("bos_token_id", top.get("bos_token_id", 2)),
        eos=tuple(eos) if isinstance(eos, list) else (eos,),
        tensor_prefix=prefix)
