"""Random tables in every form that the runner reads, for scripts/random_configs.py.

write(folder, values, labels, form, twin) writes one; what reference.py cannot
read (npy, plain HDF5) gets a CSV twin of the same numbers. Needs Debian's
python3-pandas and python3-tables.
"""
import pathlib
import warnings

import numpy as np
import pandas
import tables

warnings.simplefilter("ignore")


def write_csv(path, frame):
    frame.to_csv(path, index=False, float_format=repr)


def write_pandas(form):
    def write(path, frame):
        frame.to_hdf(path, "things", mode="w", format=form)
    return write


def write_npy(path, frame):
    np.save(path.open("wb"), frame.to_numpy())


def write_plain(path, frame):
    with tables.open_file(str(path), "w") as file:
        file.create_array("/", "things", frame.to_numpy())


# (name, writer, whether a column has a name and a type of its own)
FORMS = [("csv", write_csv, True), ("fixed.h5", write_pandas("fixed"), True), ("table.h5", write_pandas("table"), True),
         ("npy", write_npy, False), ("plain.h5", write_plain, False)]


def draw_type(pick, column, may_be_bool):
    if (column % 1 != 0).any() or column.abs().max() > 100:
        return pick.choice(["f8", "f8", "f8", "f4"])
    kinds = ["f8", "i8", "i4", "u1" if column.min() >= 0 else "i2"]
    return pick.choice(kinds + ["bool"] * (may_be_bool and column.isin([0, 1]).all()))


def draw_frame(pick, values, names, may_be_bool):
    """Columns of several types, so that pandas keeps several blocks."""
    frame = pandas.DataFrame(values, columns=names)
    return frame.astype({name: draw_type(pick, frame[name], may_be_bool) for name in names})


def write(pick, folder, stem, values, prefix):
    """Writes the table; (table for the runner, table for reference.py, labels)."""
    name, writer, has_labels = pick.choice(FORMS)
    labels = [f"{prefix}{i}" for i in range(values.shape[1])] if has_labels else list(map(str, range(values.shape[1])))
    if has_labels and values.shape[1] > 2 and pick.random() < 0.2:
        labels[0] = "a b"
    frame = draw_frame(pick, values, labels, has_labels)
    path = pathlib.Path(folder) / f"{stem}.{name}"
    writer(path, frame)
    table = {"path": path.name}
    if name.endswith("h5") and pick.random() < 0.5:
        table["key"] = "things"
    if has_labels:
        return table, {"path": path.name}, labels
    twin = path.with_name(path.name + ".csv")
    write_csv(twin, pandas.DataFrame(frame.to_numpy("f8"), columns=labels))
    return table, {"path": twin.name}, labels


def write_source(pick, folder, x, y):
    """(data.source for the runner, for reference.py): features and targets in two
    tables or in one, all columns or some, in another order or by position."""
    if pick.random() < 0.3:
        table, twin, labels = write(pick, folder, "both", np.column_stack([x, y]), "c")
        features, targets = labels[:x.shape[1]], labels[x.shape[1]:]
        mine = {"features": dict(table), "targets": {**table, "columns": targets}}
        if pick.random() < 0.5:
            mine["features"]["columns"] = pick.choice([features, {"start": 0, "stop": len(features)}])
        theirs = {"features": {**twin, "columns": features}, "targets": {**twin, "columns": targets}}
    else:
        table, twin, _ = write(pick, folder, "features", x, "x")
        mine, theirs = {"features": table}, {"features": twin}
        table, twin, _ = write(pick, folder, "targets", y, "y")
        mine["targets"], theirs["targets"] = table, twin
    return {"type": "table", **mine}, {"type": "table", **theirs}
