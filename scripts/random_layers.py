"""Random layers for scripts/random_configs.py: draw_layers().

A layer is made by a row of MAKERS for the shape that one sample has at that
point: a function of (pick, shape) that returns the layer as a config has it and
the shape that it makes, or None where it can't be. `draw_layers()` takes rows at
random and then makes the sample the vector that the loss wants (`FLATTENERS`: a
row for each number of axes). A new kind of layer is a new row.
"""
import math

WORDS = 7  # whole numbers below it, for embedding


def sometimes(pick, chance, options, **more):
    """Adds each of `more`, drawn by its function, with that chance."""
    for key, draw in more.items():
        if pick.random() < chance:
            options[key] = draw()
    return options


def make_linear(pick, shape):
    layer = {"type": "linear", "out_features": pick.choice([1, 2, 5, 16, 33, 70])}
    sometimes(pick, 0.2, layer, bias=lambda: pick.random() < 0.3)
    return draw_initializers(pick, layer), (*shape[:-1], layer["out_features"])


INITIALIZERS = ["normal", {"type": "normal", "mean": 0.1, "std": 0.3}, "uniform", {"type": "uniform", "a": -0.2, "b": 0.1},
                {"type": "constant", "val": 0.125}]
WEIGHT_INITIALIZERS = [
    *INITIALIZERS, "kaiming_uniform", {"type": "kaiming_uniform", "a": 0.5, "mode": "fan_out"}, "kaiming_normal",
    {"type": "kaiming_normal", "nonlinearity": "relu"}, {"type": "kaiming_normal", "nonlinearity": "tanh"},
    "xavier_uniform", {"type": "xavier_uniform", "gain": 0.7}, "xavier_normal"]


def draw_initializers(pick, layer):
    sometimes(pick, 0.15, layer, weight_init=lambda: pick.choice(WEIGHT_INITIALIZERS))
    if layer.get("bias", True):
        sometimes(pick, 0.15, layer, bias_init=lambda: pick.choice(INITIALIZERS))
    return layer


ACTIVATIONS = [
    "sigmoid", "tanh", "relu", "leaky_relu", {"type": "leaky_relu", "negative_slope": 0.2}, "elu",
    {"type": "elu", "alpha": 0.5}, "selu", "gelu", {"type": "gelu", "approximate": "tanh"}, "silu", "softplus",
    {"type": "softplus", "beta": 2.0, "threshold": 5.0}, "softsign"]


def make_activation(pick, shape):
    return pick.choice(ACTIVATIONS), shape


def make_softmax(pick, shape):
    kind = pick.choice(["softmax", "log_softmax"])
    axis = pick.randrange(len(shape)) + 1  # the batch is axis 0
    return (kind if axis == 1 else {"type": kind, "dim": axis}), shape


def make_reshape(pick, shape):
    """Two or three axes: sizes are divisors of what is left."""
    left, sizes = math.prod(shape), []
    for _ in range(pick.choice([1, 1, 2])):
        sizes.append(pick.choice([d for d in range(1, min(left, 12) + 1) if left % d == 0]))
        left //= sizes[-1]
    made = [*sizes, left]
    return {"type": "reshape", "shape": [*sizes, pick.choice([left, -1])]}, tuple(made)


def make_flatten(pick, shape):
    return "flatten", (math.prod(shape),)


def make_transpose(pick, shape):
    return "transpose", shape[::-1]


def make_last_step(pick, shape):
    return "last_step", shape[1:]


def make_residual(pick, shape):
    """Layers that end in their input's shape."""
    layers = []
    for _ in range(pick.choice([0, 1, 2])):
        inner = pick.choice([make_activation, make_activation, make_residual])
        layers.append(inner(pick, shape)[0])
    if pick.random() < 0.7 or not layers:
        wide, _ = make_linear(pick, shape)
        layers += [wide, make_activation(pick, shape)[0], {"type": "linear", "out_features": shape[-1]}]
    return {"type": "residual", "layers": layers}, shape


def sizes(pick, axes, draw):
    """A number for all axes or, where there are two, a list."""
    first = draw()
    return first if axes == 1 or pick.random() < 0.6 else [first, draw()]


def each(value, axes):
    return value if isinstance(value, list) else [value] * axes


def draw_window(pick, axes, options):
    """kernel_size, stride and padding; a default is left out."""
    options["kernel_size"] = sizes(pick, axes, lambda: pick.choice([1, 2, 2, 3, 3, 5]))
    if pick.random() < 0.5:
        options["stride"] = sizes(pick, axes, lambda: pick.choice([1, 1, 2, 3]))


def window_places(shape, options, stride, ceil=False):
    """The places of a window's output on each axis; None if there are none."""
    axes, made = len(shape) - 1, []
    kernel, padding = each(options["kernel_size"], axes), each(options.get("padding", 0), axes)
    stride, dilation = each(stride, axes), each(options.get("dilation", 1), axes)
    for n, k, s, p, d in zip(shape[1:], kernel, stride, padding, dilation):
        room = n + 2 * p - d * (k - 1) - 1
        count = (room + (s - 1 if ceil else 0)) // s + 1
        if ceil and (count - 1) * s >= n + p:
            count -= 1
        if room < 0 or count < 1:
            return None
        made.append(count)
    return tuple(made)


def divisor(pick, *numbers):
    return pick.choice([d for d in range(1, min(numbers) + 1) if all(n % d == 0 for n in numbers)])


def make_conv(pick, shape):
    axes = len(shape) - 1
    layer = {"type": f"conv{axes}d", "out_channels": pick.choice([1, 2, 4, 6, 8])}
    draw_window(pick, axes, layer)
    sometimes(pick, 0.25, layer, dilation=lambda: sizes(pick, axes, lambda: pick.choice([1, 2, 3])),
              groups=lambda: divisor(pick, shape[0], layer["out_channels"]), bias=lambda: pick.random() < 0.3,
              padding=lambda: pick.choice(["valid", "same"]))
    if layer.get("padding") == "same":
        layer.pop("stride", None)
        places = shape[1:]
    else:
        if "padding" not in layer and pick.random() < 0.6:
            layer["padding"] = sizes(pick, axes, lambda: pick.choice([0, 1, 2]))
        plain = {**layer, "padding": 0} if layer.get("padding") == "valid" else layer
        places = window_places(shape, plain, layer.get("stride", 1))
    return places and (draw_initializers(pick, layer), (layer["out_channels"], *places))


def make_conv_transpose(pick, shape):
    layer = {"type": "conv_transpose1d", "out_channels": pick.choice([1, 2, 4, 6])}
    draw_window(pick, 1, layer)
    sometimes(pick, 0.25, layer, dilation=lambda: pick.choice([1, 2]), bias=lambda: pick.random() < 0.3,
              groups=lambda: divisor(pick, shape[0], layer["out_channels"]), padding=lambda: pick.choice([0, 1, 2]))
    stride, dilation = layer.get("stride", 1), layer.get("dilation", 1)
    sometimes(pick, 0.3, layer, output_padding=lambda: pick.randrange(max(stride, dilation)))
    places = (shape[1] - 1) * stride - 2 * layer.get("padding", 0) + dilation * (layer["kernel_size"] - 1) + \
        layer.get("output_padding", 0) + 1
    if places < 1:
        return None
    return draw_initializers(pick, layer), (layer["out_channels"], places)


def make_pool(pick, shape):
    axes = len(shape) - 1
    kind = pick.choice(["max", "avg"])
    layer = {"type": f"{kind}_pool{axes}d"}
    draw_window(pick, axes, layer)
    if pick.random() < 0.3:
        half = min(each(layer["kernel_size"], axes)) // 2
        layer["padding"] = sizes(pick, axes, lambda: pick.randrange(half + 1))
    sometimes(pick, 0.4, layer, ceil_mode=lambda: True)
    if kind == "max":
        sometimes(pick, 0.2, layer, dilation=lambda: sizes(pick, axes, lambda: pick.choice([1, 2])))
    else:
        sometimes(pick, 0.4, layer, count_include_pad=lambda: False)
    places = window_places(shape, layer, layer.get("stride", layer["kernel_size"]), layer.get("ceil_mode", False))
    return places and (layer, (shape[0], *places))


def make_batch_norm(pick, shape):
    layer = {"type": "batch_norm2d" if len(shape) == 3 else "batch_norm1d"}
    sometimes(pick, 0.2, layer, eps=lambda: pick.choice([1e-3, 0.1]), momentum=lambda: pick.choice([0.0, 0.01, 0.9, None]),
              affine=lambda: False, track_running_stats=lambda: False)
    if layer.get("affine", True):
        sometimes(pick, 0.1, layer, weight_init=lambda: pick.choice(INITIALIZERS), bias_init=lambda: "normal")
    return (layer if len(layer) > 1 else layer["type"]), shape


def make_layer_norm(pick, shape):
    layer = sometimes(pick, 0.3, {"type": "layer_norm"}, eps=lambda: pick.choice([1e-3, 0.1]),
                      elementwise_affine=lambda: False)
    return (layer if len(layer) > 1 else "layer_norm"), shape


def make_recurrent(pick, shape):
    layer = {"type": pick.choice(["rnn", "lstm", "gru"]), "hidden_size": pick.choice([1, 3, 8, 12])}
    sometimes(pick, 0.3, layer, num_layers=lambda: pick.choice([2, 3]), bidirectional=lambda: True)
    sometimes(pick, 0.15, layer, bias=lambda: False)
    if layer.get("num_layers", 1) > 1:
        sometimes(pick, 0.3, layer, dropout=lambda: pick.choice([0.0, 0.2, 0.5, 1.0]))
    if layer["type"] == "rnn":
        sometimes(pick, 0.3, layer, nonlinearity=lambda: "relu")
    if shape[0] > 40:
        return None
    return draw_initializers(pick, layer), (shape[0], layer["hidden_size"] * (2 if layer.get("bidirectional") else 1))


def make_dropout(pick, shape):
    return pick.choice(["dropout", {"type": "dropout", "p": pick.choice([0.0, 0.1, 0.3, 0.5, 1.0])}]), shape


def make_embedding(pick, columns):
    layer = {"type": "embedding", "num_embeddings": WORDS + pick.choice([0, 0, 5]), "embedding_dim": pick.choice([1, 3, 8])}
    sometimes(pick, 0.3, layer, padding_idx=lambda: pick.choice([0, 2, -1, -WORDS]))
    sometimes(pick, 0.2, layer, weight_init=lambda: pick.choice(WEIGHT_INITIALIZERS))
    return layer, (columns, layer["embedding_dim"])


# (weight, the numbers of axes that a sample may have, maker)
MAKERS = [
    (1.0, (1,), make_reshape),
    (0.3, (2, 3), make_reshape),
    (0.3, (2, 3), make_flatten),
    (0.7, (2,), make_transpose),
    (0.3, (2,), make_last_step),
    (0.7, (1, 2, 3), make_residual),
    (2, (1, 2, 3), make_linear),
    (2, (1, 2, 3), make_activation),
    (0.3, (1, 2, 3), make_softmax),
    (3, (2, 3), make_conv),
    (1.2, (2,), make_conv_transpose),
    (2, (2, 3), make_pool),
    (1, (1, 2, 3), make_batch_norm),
    (0.8, (1, 2, 3), make_layer_norm),
    (2, (2,), make_recurrent),
    (0.5, (1, 2, 3), make_dropout),
]
LARGEST = 3000  # numbers of a sample between layers: PyTorch runs twelve times

# By the number of axes: the layers that make the sample a vector.
FLATTENERS = {1: lambda pick, shape: ([], shape),
              2: lambda pick, shape: pick.choice([(["flatten"], (math.prod(shape),)), (["last_step"], shape[1:])]),
              3: lambda pick, shape: (["flatten"], (math.prod(shape),))}


def draw_layers(pick, columns, units, last, words):
    """Layers for rows of so many columns that end in a vector of `units` and in `last`."""
    layers, shape = [], (columns,)
    if words:
        layer, shape = make_embedding(pick, columns)
        layers.append(layer)
    elif pick.random() < 0.5:
        layer, shape = make_reshape(pick, shape)
        layers.append(layer)
    for _ in range(pick.choice([0, 1, 2, 2, 3, 4, 6])):
        rows = [(weight, maker) for weight, axes, maker in MAKERS if len(shape) in axes]
        maker = pick.choices([m for _, m in rows], [w for w, _ in rows])[0]
        made = maker(pick, shape)
        if made and math.prod(made[1]) <= LARGEST:
            layers.append(made[0])
            shape = made[1]
    flat, shape = FLATTENERS[len(shape)](pick, shape)
    layers += [*flat, {"type": "linear", "out_features": units}, *last]
    if last and pick.random() < 0.15:  # the same, and then a view
        layers[-1:] = [{"type": "reshape", "shape": [units, 1]}, *last, "flatten"]
    for i, layer in enumerate(layers):
        if pick.random() < 0.03:
            layers[i] = {"name": f"layer-{i}", **({"type": layer} if isinstance(layer, str) else layer)}
    return layers


def kinds_of(layers):
    for layer in layers:
        if isinstance(layer, str):
            yield layer, {}
        else:
            yield layer["type"], layer
            yield from kinds_of(layer.get("layers", []))


def draws_in_training(layers):
    return any(kind == "dropout" or layer.get("dropout") for kind, layer in kinds_of(layers))
