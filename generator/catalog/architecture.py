"""What a model is made of, as far as memory and speed follow from it."""

from generator.core.frozen import frozen


@frozen
class Architecture:
    """A transformer's dimensions. Counts, not bytes; parameters in 1e9; 0 where a part does not exist.

    `attention` is `gqa` (also MHA and MQA), `mla` or `hybrid` (some layers are linear, the others as in `gqa`). Layers:
    `full_layers` keep keys and values of every token, `window_layers` of the last `window` tokens, `linear_layers` a
    constant state; what is missing to `layers` keeps nothing (layers of an MLP alone, or that reuse another layer's
    keys and values). MLA keeps `kv_lora_rank + rope_dim` numbers a token and layer, and `index_dim` more where an
    indexer picks the tokens to attend to; a model with MLA may have linear layers too. `experts` is 0 for dense models,
    and then `expert_intermediate`, `active_experts`, `shared_experts` and `dense_layers` are 0 too; `dense_layers`
    counts the layers without experts.

    `linear_state` is what one linear layer keeps of a sequence as recurrent state, in numbers of `linear_state_bytes`
    (0: of the model's own type), `linear_conv` what it keeps for its convolution, always in the model's type.
    `window_kv_heads` and `window_head_dim` hold where window layers differ from full ones, and `value_dim`
    where a value is narrower than a key; 0 means that they do not. `vision_params_b` is the part of `params_b` that an
    image encoder takes, `extra_embedding_params_b` the part in embedding tables of single layers. An encoder that
    feeds several layers of the model gives `image_levels` vectors of each image token beside the first.
    """

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    max_context: int
    attention: str
    full_layers: int
    window_layers: int
    linear_layers: int
    window: int
    kv_lora_rank: int
    rope_dim: int
    tied_embeddings: bool
    experts: int
    active_experts: int
    shared_experts: int
    expert_intermediate: int
    dense_layers: int
    params_b: float
    active_params_b: float
    linear_state: int = 0
    linear_state_bytes: int = 0
    linear_conv: int = 0
    window_kv_heads: int = 0
    window_head_dim: int = 0
    value_dim: int = 0
    q_lora_rank: int = 0
    index_dim: int = 0
    vision_params_b: float = 0.0
    extra_embedding_params_b: float = 0.0
    image_levels: int = 0
