#!/usr/bin/env python3
"""Writes tests/fixtures/: small tables in every format that is read, by the
programs that users write them with, and tables.json, which says what each file
holds. Values there are the exact hex of the float64, None a missing value.

Needs pandas, PyTables and h5py; made with the versions in tables.json.
"""
import json
import math
import pathlib
import sys
import warnings

import h5py
import numpy as np
import pandas as pd
import tables

warnings.simplefilter("ignore")
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures"
SIZE_LIMIT = 20 * 1024
BOMB = "bomb.h5"  # as large as it must be
entries = []

# PyTables plans its chunks for thousands of rows: a megabyte for three strings.
for method, rows in (("create_vlarray", 1), ("create_table", 3)):
    def create(*args, original=getattr(tables.File, method), rows=rows,
               **options):
        return original(*args, **{**options, "chunkshape": (rows,)})
    setattr(tables.File, method, create)


def hex_of(value):
    value = float(value)
    return None if math.isnan(value) else value.hex()


def expect(name, columns, key=None):
    """columns: label -> values, or None where the column has a defect."""
    entries.append({"file": name, "key": key, "columns": [
        {"label": str(label),
         "values": None if values is None else [hex_of(v) for v in values]}
        for label, values in columns.items()]})


def expect_frame(name, frame, key=None):
    """Columns of a dtype that is neither number nor boolean have a defect."""
    usable = lambda series: series.dtype.kind in "iufb"
    expect(name, {label: frame[label] if usable(frame[label]) else None
                  for label in frame.columns}, key)


def expect_error(name, code, words, key=None):
    entries.append({"file": name, "key": key, "error": code, "words": words})


def write_pandas(name, value, key="df", **options):
    value.to_hdf(FOLDER / name, key=key, mode="w", **options)


def drop_indexes(name):
    """pandas indexes the tables of categories, index=False or not."""
    aside = FOLDER / (name + ".aside")
    with tables.open_file(str(FOLDER / name), "a") as file:
        indexed = [group for group in file.walk_groups()
                   if "_i_table" in group._v_children]
        for group in indexed:
            group.table.cols.index.remove_index()
        file.copy_file(str(aside), overwrite=True)
    aside.replace(FOLDER / name)


def mixed_frame():
    random = np.random.RandomState(1)
    return pd.DataFrame({
        "d": random.randn(7), "f": random.randn(7).astype("f4"),
        "i8": random.randint(-99, 99, 7).astype("i1"),
        "i16": random.randint(-999, 999, 7).astype("i2"),
        "i32": random.randint(-9999, 9999, 7).astype("i4"),
        "i64": random.randint(-9999, 9999, 7) * (2**50 + 1),
        "u8": random.randint(0, 255, 7).astype("u1"),
        "u64": random.randint(1, 99, 7).astype("u8") * np.uint64(2**57 + 1),
        "b": random.rand(7) < .5, "d2": random.randn(7)})


def write_fixed():
    frame = mixed_frame()
    frame.loc[3, "d"] = math.nan
    write_pandas("fixed_mixed.h5", frame)
    expect_frame("fixed_mixed.h5", frame)
    expect_frame("fixed_mixed.h5", frame, "df")
    expect_frame("fixed_mixed.h5", frame, "/df/")
    expect_error("fixed_mixed.h5", "config", "did you mean '/df'", "/dg")
    expect_error("fixed_mixed.h5", "config", "has no table", "df/axis0")
    write_pandas("fixed_zlib.h5", frame[["d", "b"]], complevel=9,
                 complib="zlib")
    expect_frame("fixed_zlib.h5", frame[["d", "b"]])
    integers = pd.DataFrame(np.arange(12.).reshape(4, 3), columns=[2, 0, -5])
    write_pandas("fixed_integer_labels.h5", integers)
    expect_frame("fixed_integer_labels.h5", integers)
    floats = pd.DataFrame(np.arange(4.).reshape(2, 2), columns=[0.5, 1e-7])
    write_pandas("fixed_float_labels.h5", floats)
    expect_frame("fixed_float_labels.h5", floats)
    accents = pd.DataFrame({"größe": [1., 2.], "": [3., 4.], "Δ m": [5, 6]})
    write_pandas("fixed_accents.h5", accents)
    expect_frame("fixed_accents.h5", accents)
    objects = pd.DataFrame({"x": [1., 2.], "word": ["a", "b"], "y": [3, 4],
                            "when": pd.date_range("2020", periods=2)})
    write_pandas("fixed_objects.h5", objects)
    expect_frame("fixed_objects.h5", objects)
    rows = pd.DataFrame({"x": [1., 2.]}, index=pd.MultiIndex.from_tuples(
        [(1, "a"), (2, "b")]))
    write_pandas("fixed_multi_rows.h5", rows)
    expect_frame("fixed_multi_rows.h5", rows)
    multi = pd.DataFrame(np.eye(2), columns=pd.MultiIndex.from_tuples(
        [("a", "x"), ("b", "y")]))
    write_pandas("fixed_multi_columns.h5", multi)
    expect_error("fixed_multi_columns.h5", "input", "several levels")
    write_pandas("fixed_object_labels.h5",
                 pd.DataFrame(np.eye(2), columns=["a", 3]))
    expect_error("fixed_object_labels.h5", "input", "/df/axis0")
    write_pandas("fixed_no_rows.h5", pd.DataFrame({"a": np.zeros(0)}))
    expect_error("fixed_no_rows.h5", "input", "no rows")


def write_series():
    for name, label in (("series_named.h5", "nm"), ("series_unnamed.h5", None),
                        ("series_number.h5", 7)):
        series = pd.Series([1.5, math.nan, -3.], name=label)
        write_pandas(name, series, key="s")
        expect(name, {0 if label is None else label: series})
    for name, label in (("series_table.h5", "nm"),
                        ("series_table_unnamed.h5", None)):
        series = pd.Series([1.5, 2., -3.], name=label)
        write_pandas(name, series, key="s", format="table", index=False,
                     complevel=9)
        expect(name, {0 if label is None else label: series})


def write_table_format():
    frame = mixed_frame()
    for name, options in (
            ("table.h5", {}),
            ("table_data_columns.h5", {"data_columns": True}),
            ("table_some_data_columns.h5", {"data_columns": ["i16", "b"]})):
        write_pandas(name, frame.drop(columns="u64"), format="table",
                     index=False, complevel=9, complib="zlib", **options)
        expect_frame(name, frame.drop(columns="u64"))
    with pd.HDFStore(FOLDER / "table_plain.h5", "w") as store:
        store.append("deep/er/df", frame[["d", "i32"]], index=False)
    expect_frame("table_plain.h5", frame[["d", "i32"]])
    expect_frame("table_plain.h5", frame[["d", "i32"]], "deep/er/df")
    write_pandas("table_indexed.h5", frame[["d"]], format="table", complevel=9)
    expect_frame("table_indexed.h5", frame[["d"]])
    integers = pd.DataFrame(np.arange(6.).reshape(3, 2), columns=[10, 2])
    write_pandas("table_integer_labels.h5", integers, format="table",
                 index=False, complevel=9)
    expect_frame("table_integer_labels.h5", integers)
    words = pd.DataFrame({"größe": [1., 2.], "word": ["a", "b"],
                          "back\\slash\n": [1, 2],
                          "when": pd.date_range("2020", periods=2),
                          "kind": pd.Categorical(["x", "y"])})
    write_pandas("table_words.h5", words, format="table", index=False,
                 complevel=9)
    drop_indexes("table_words.h5")
    expect_frame("table_words.h5", words.astype({"kind": "object"}))
    multi = frame.set_index(["i8", "i16"])[["d"]]
    write_pandas("table_multi.h5", multi, format="table", index=False,
                 complevel=9)
    expect_error("table_multi.h5", "input", "several levels")


def write_pytables():
    with tables.open_file(str(FOLDER / "pytables.h5"), "w") as file:
        table = file.create_table("/", "readings", {
            "t": tables.Float64Col(pos=0), "n": tables.Int16Col(pos=1),
            "ok": tables.BoolCol(pos=2), "word": tables.StringCol(4, pos=3),
            "xyz": tables.Float32Col(shape=(3,), pos=4)}, expectedrows=5)
        table.append([(.1 * i, i - 2, i % 2, b"w", (1, 2, 3))
                      for i in range(5)])
    expect("pytables.h5", {"t": [.1 * i for i in range(5)],
                           "n": [-2, -1, 0, 1, 2], "ok": [0, 1, 0, 1, 0],
                           "word": None, "xyz": None})


def write_plain():
    square = np.random.RandomState(2).randn(9, 4)
    with h5py.File(FOLDER / "plain.h5", "w") as file:
        file["one"] = np.arange(5, dtype="i2")
        file["deep/two"] = square
        file.create_dataset("zlib", data=square.astype("f4"), chunks=(2, 3),
                            compression="gzip", shuffle=True, fletcher32=True)
        file["half"] = square.astype("f2")
        file["big"] = square.astype(">f8")
        file["flags"] = square > 0
        file["scalar"] = 3.5
        file["words"] = np.array([b"a", b"b"])
        file["cube"] = np.zeros((2, 3, 4))
        file["nothing"] = np.zeros((0, 3))
        file["narrow"] = np.zeros((3, 0))
        file["soft"] = h5py.SoftLink("/one")
        file["out"] = h5py.ExternalLink("elsewhere.h5", "/x")
        file.create_dataset("holes", (100,), "f8", chunks=(10,))[5] = 1
        file.create_dataset("huge", (2**60,), "f8", chunks=(1024,))
        file.create_dataset("huge2", (2**31, 2**31), "f8", chunks=(64, 64))
        file.create_dataset("external", (4,), "f8",
                            external=[("elsewhere.bin", 0, 32)])
    columns = lambda array: dict(enumerate(np.asarray(array, "f8").T))
    expect("plain.h5", {0: range(5)}, "one")
    expect("plain.h5", columns(square), "/deep/two")
    expect("plain.h5", columns(square.astype("f4")), "zlib")
    expect("plain.h5", columns(square.astype("f2")), "half")
    expect("plain.h5", columns(square), "big")
    expect("plain.h5", columns(square > 0), "flags")
    for key, words in (("words", "/words: an array of shape (2,)"),
                       ("cube", "/cube: an array of shape (2, 3, 4)"),
                       ("nothing", "/nothing: has no rows"),
                       ("narrow", "/narrow: has no columns"),
                       ("holes", "/holes: shape (100,)"),
                       ("huge", "/huge: shape (1152921504606846976,)"),
                       ("huge2", "/huge2: shape (2147483648, 2147483648)"),
                       ("external", "/external: its values lie in other")):
        expect_error("plain.h5", "input", words, key)
    for key in ("soft", "out", "scalar", "deep", "/", ""):
        expect_error("plain.h5", "config", "has no table", key)
    expect_error("plain.h5", "config", "name one of them by 'key'")


def write_keys():
    with pd.HDFStore(FOLDER / "two_keys.h5", "w") as store:
        store["left"] = pd.DataFrame({"a": [1., 2.]})
        store["left/right"] = pd.DataFrame({"b": [3., 4.]})
    expect("two_keys.h5", {"a": [1, 2]}, "left")
    expect("two_keys.h5", {"b": [3, 4]}, "/left/right")
    expect_error("two_keys.h5", "config", "/left, /left/right")
    with h5py.File(FOLDER / "user_block.h5", "w", userblock_size=1024) as file:
        file["only"] = [1., 2.]
    expect("user_block.h5", {0: [1, 2]})
    with h5py.File(FOLDER / "latest.h5", "w", libver="latest") as file:
        file.create_dataset("x", data=np.arange(40.).reshape(8, 5),
                            chunks=(3, 2), maxshape=(None, 5))
    expect("latest.h5", dict(enumerate(np.arange(40.).reshape(8, 5).T)))
    with h5py.File(FOLDER / "nothing.h5", "w") as file:
        file.create_group("a/b")
    expect_error("nothing.h5", "input", "holds no table")
    write_pandas("blosc.h5", mixed_frame()[["d"]], complevel=5,
                 complib="blosc")
    expect_error("blosc.h5", "input", "blosc (filter 32001)")
    write_bomb()


def write_bomb():
    """288 MiB of zeros: the least that is refused for what it would fill."""
    chunk, count = 1 << 22, 9
    with tables.open_file(FOLDER / BOMB, "w") as file:
        array = file.create_carray("/", "x", tables.Float64Atom(dflt=1.0),
                                   shape=(chunk * count,), chunkshape=(chunk,),
                                   filters=tables.Filters(9, "zlib"))
        for i in range(count):
            array[i * chunk:(i + 1) * chunk] = np.zeros(chunk)
    expect_error(BOMB, "input", "more than 128 times")


def write_circles():
    """As the course's files: 500 rows, two features, a class."""
    random = np.random.RandomState(123)
    label = random.permutation(np.repeat([0, 1], 250))
    angle = random.rand(500) * 2 * np.pi
    radius = 2 * np.where(label == 1, .3, 1.)[:, None]
    data = radius * np.c_[np.cos(angle), np.sin(angle)] + \
        .1 * random.randn(500, 2)
    for name, frame in (
            ("circles_data.hf5", pd.DataFrame(data, columns=["x0", "x1"])),
            ("circles_targets.hf5", pd.DataFrame({"y": label}))):
        write_pandas(name, frame, key="data")
        expect_frame(name, frame)


CSV_FILES = {
    "plain.csv": "a,b\n1,2.5\n-3e-7,.5\n",
    "crlf_bom.csv": "\ufeffx,größe\r\n1,2\r\n3,4",
    "quoted.csv": '"a","b ""x"", c","d\ne"\n"1",2,3\n4,"5",""\n',
    "missing.csv": "a,b\n" + "".join(
        f"{i},{word}\n" for i, word in enumerate((
            "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN",
            "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN",
            "n/a", "nan", "null", "1.5"))),
    "booleans.csv": "t,u,v,w\nTrue,TRUE,true,1\nFalse,FALSE,false,True\n",
    "infinities.csv": "a\ninf\n-inf\nInfinity\n+INF\n1e400\n-1e400\n",
    "twins.csv": "x,x,x.1,x,\n1,2,3,4,5\n",
    "blank_lines.csv": "a,b\n\n1,2\n   \n3,4\n\n",
    "padded.csv": "a,b\n 1 , 2\n+3,\t4\n",
    "positions.csv": "0,1,2\n5,6,7\n",
    "words.csv": "a,b\n1,2\n12abc,3\n0x1p3,4\n",
    "digits.csv": "a\n0.1\n179769313486231580793e289\n4.9e-324\n2.5e-324\n"
                  "9007199254740993\n0.30000000000000004\n"
                  "2.2250738585072011e-308\n1.7976931348623157e308\n",
}


def write_csv():
    for name, text in CSV_FILES.items():
        (FOLDER / name).write_bytes(text.encode())
        frame = pd.read_csv(FOLDER / name, float_precision="round_trip")
        if name in ("infinities.csv", "digits.csv"):
            # Beyond the range round_trip gives up and leaves a column of text.
            frame = pd.DataFrame({"a": [float(w) for w in text.split()[1:]]})
        expect_frame(name, frame)
    expect_error("plain.csv", "config", "leave out 'key: df'", "df")


def write_npy():
    array = np.random.RandomState(3).randn(5, 3) * 40
    arrays = {"f8.npy": array, "f4.npy": array.astype("f4"),
              "f2.npy": array.astype("f2"), "big.npy": array.astype(">f8"),
              "big_i4.npy": array.astype(">i4"), "i1.npy": array.astype("i1"),
              "i8.npy": array.astype("i8") * (2**52 + 1),
              "u2.npy": abs(array).astype("u2"),
              "u8.npy": abs(array).astype("u8") * np.uint64(2**57 + 1),
              "bool.npy": array > 0, "fortran.npy": np.asfortranarray(array),
              "vector.npy": array[:, 0].copy(),
              "half_edges.npy": np.array([0., -0., 6e-8, 65504, np.inf, np.nan,
                                          6.1e-5], "f2")}
    for name, value in arrays.items():
        np.save(FOLDER / name, value)
        expect(name, dict(enumerate(np.atleast_2d(value.T))))
    for version in ((2, 0), (3, 0)):
        name = f"version{version[0]}.npy"
        with open(FOLDER / name, "wb") as file:
            np.lib.format.write_array(file, array, version)
        expect(name, dict(enumerate(array.T)))
    refused = {"cube.npy": (np.zeros((2, 3, 4)), "shape (2, 3, 4)"),
               "scalar.npy": (np.array(1.), "shape ()"),
               "no_rows.npy": (np.zeros((0, 3)), "no rows"),
               "no_columns.npy": (np.zeros((3, 0)), "no columns"),
               "text.npy": (np.array(["ab", "c"]), "'<U2'"),
               "bytes.npy": (np.array([b"ab"]), "'|S2'"),
               "object.npy": (np.array([{}, 1], object), "'|O'"),
               "complex.npy": (np.zeros(2, complex), "'<c16'"),
               "dates.npy": (np.zeros(2, "M8[ns]"), "'<M8[ns]'"),
               "structured.npy": (np.zeros(2, "i4,f8"), "'structured'")}
    for name, (value, words) in refused.items():
        np.save(FOLDER / name, value)
        expect_error(name, "input", words)
    expect_error("f8.npy", "config", "leave out 'key: 0'", "0")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for write in (write_fixed, write_series, write_table_format,
                  write_pytables, write_plain, write_keys, write_circles,
                  write_csv, write_npy):
        write()
    document = {
        "made_by": {"python": sys.version.split()[0], "pandas": pd.__version__,
                    "tables": tables.__version__, "h5py": h5py.__version__,
                    "hdf5": h5py.version.hdf5_version,
                    "numpy": np.__version__},
        "entries": entries}
    rows = ",\n".join(json.dumps(entry, ensure_ascii=False)
                      for entry in entries)
    (FOLDER / "tables.json").write_text(
        '{"made_by": %s,\n"entries": [\n%s\n]}\n'
        % (json.dumps(document["made_by"]), rows), encoding="utf-8")
    for path in sorted(FOLDER.glob("*.*")):
        if path.stat().st_size > SIZE_LIMIT and \
                path.name not in ("tables.json", BOMB):
            sys.exit(f"{path.name}: {path.stat().st_size} bytes are too many")


if __name__ == "__main__":
    main()
