"""What stands in a run's folder, as numbers."""
import csv
import json
import struct

TASKS = {"bce": "binary", "bce_with_logits": "binary", "cross_entropy": "classes", "nll": "classes"}


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def kind_of(node):
    """A bare KIND is short for {type: KIND}; returns (kind, options)."""
    node = {"type": node} if isinstance(node, str) else dict(node)
    return node.pop("type"), node


def read_weights(path):
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    tensors = {}
    for name, about in json.loads(raw[8:8 + length]).items():
        start, stop = about["data_offsets"]
        part = raw[8 + length + start:8 + length + stop]
        letter = {"F32": "f", "I64": "q"}[about["dtype"]]
        tensors[name] = [value for value, in struct.iter_unpack("<" + letter, part)]
    return tensors


def scale(column, value, scalers):
    """A target in its own unit as the network sees it: float32, after all scalers."""
    for scaler in scalers:
        fitted = scaler["columns"][column]
        if scaler["type"] == "standard_scaler":
            value = (value - fitted["mean_"]) / fitted["scale_"]
        else:
            value = value * fitted["scale_"] + fitted["min_"]
    return value


class RunFolder:
    """`labels` and `outputs` of the test part, a row each, in the targets' own
    units; `scaled_labels` and `scaled_outputs` of a regression in the network's;
    `probability` of a binary task, one a row."""

    def __init__(self, path):
        self.record = json.loads((path / "run.json").read_text())
        self.weights = self.weights_of(path)
        with (path / "history.csv").open(newline="") as file:
            self.losses = [float(row["train.loss"]) for row in csv.DictReader(file)]
        self.loss, self.options = kind_of(self.record["config"]["train"]["loss"])
        self.task = TASKS.get(self.loss, "regression")
        self.targets = self.record["data"]["targets"]
        with (path / "predictions.csv").open(newline="") as file:
            self.read_predictions(list(csv.reader(file)))

    @staticmethod
    def weights_of(path):
        return read_weights(path / "weights.safetensors")

    def read_predictions(self, rows):
        header, rows = rows[0], rows[1:]
        count = 1 + len(self.targets)
        last = len(header) - (self.task == "classes" or self.loss == "bce_with_logits")
        self.labels = [[float(v) for v in row[1:count]] for row in rows]
        self.outputs = [[float(v) for v in row[count:last]] for row in rows]
        if self.task == "regression":
            self.scaled_labels = [self.scale(row) for row in self.labels]
            self.scaled_outputs = [self.scale(row) for row in self.outputs]
        else:
            self.outputs = [[f32(v) for v in row] for row in self.outputs]
            self.probability = [f32(float(row[-1])) for row in rows]
            self.classes = [int(row[-1]) for row in rows] if self.task == "classes" else None

    def scale_unrounded(self, row):
        scalers = self.record["data"].get("scalers", {}).get("targets", [])
        return [scale(name, value, scalers) for name, value in zip(self.targets, row)]

    def scale(self, row):
        return [f32(value) for value in self.scale_unrounded(row)]
