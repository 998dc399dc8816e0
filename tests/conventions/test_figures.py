"""A figure's value is made in one place: counts lie in the marts, shares come out of the layer.

Exempt are statistics that are no figures: each with its reason, and only while there is a hit.
"""

from __future__ import annotations

import ast
import re

import pytest

from pipelines.settings import PROJECT_ROOT

SQL_FOLDERS = ("models/sql", "models/macros")
PYTHON_FOLDERS = ("pipelines", "dashboard")
# the two packages in which a share is made: registered metrics, and estimates with their error
MAKES_SHARES = ("pipelines/serving/", "pipelines/analysis/")
EXEMPT = {
    "models/sql/marts/dq_pattern.sql": "shares are held against chance to find a faulty source",
}

RATIO_COLUMN = re.compile(r"\b\w+_ratio\b")
MEAN = re.compile(r"\b(?:avg|mean)\s*\(", re.IGNORECASE)
# what makes a 0 or 1: a case, a comparison, a mark, a condition
ZERO_OR_ONE = re.compile(
    r"\bcase\b|\b(?:is|has)_\w+|[<>=]|\b(?:not|in|like|between|and|or)\b", re.IGNORECASE
)
COUNT_NAME = re.compile(r"_(?:n|den)$")
DIVISION = re.compile(
    r"(?<![/*])//?\s*(?:\w+\(\s*|\(\s*)*(?:cast\s*\(\s*)?\"?(?:\w+\.)?\w*_(?:n|den)\b",
    re.IGNORECASE,
)
SQL_WORDS = re.compile(r"\bselect\b[\s\S]*\bfrom\b|\bfrom\s+\w+\s+select\b", re.IGNORECASE)
COMMENT = re.compile(r"--[^\n]*|\{#[\s\S]*?#\}|/\*[\s\S]*?\*/")


def without_comments(sql: str) -> str:
    return COMMENT.sub(lambda found: "\n" * found.group().count("\n"), sql)


def find_ratio_columns(sql: str) -> list[str]:
    """Names of columns that would hold a finished share."""
    return RATIO_COLUMN.findall(without_comments(sql))


def find_means(sql: str) -> list[str]:
    """Means over what is 0 or 1: a share in disguise."""
    text = without_comments(sql)
    arguments = [read_argument(text, found.end()) for found in MEAN.finditer(text)]
    return [argument for argument in arguments if ZERO_OR_ONE.search(argument)]


def read_argument(text: str, start: int) -> str:
    """What stands between a bracket that opened just before `start` and its partner."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return text[start:end]
    return text[start:]


def find_sql_divisions(sql: str) -> list[str]:
    """Divisions by a count."""
    return [" ".join(found.split()) for found in DIVISION.findall(without_comments(sql))]


def find_python_divisions(source: str) -> list[str]:
    """Divisions by something named as a count, in code and in SQL inside strings."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        right = None
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(
            node.op, ast.Div | ast.FloorDiv
        ):
            right = node.right if isinstance(node, ast.BinOp) else node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            divides = node.func.attr in ("truediv", "floordiv") and node.args
            right = node.args[0] if divides else None
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            text = read_text(node)
            found += find_sql_divisions(text) if SQL_WORDS.search(text) else []
        if right is not None and names_count(right):
            found.append(ast.unparse(node))
    return found


def read_text(node: ast.Constant | ast.JoinedStr) -> str:
    """The words of a string; a name stands for what an f-string puts in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(read_text(v) if isinstance(v, ast.Constant) else "given" for v in node.values)


def names_count(node: ast.expr) -> bool:
    """Whether an expression is a count by its name: `x_n`, `row.x_n`, `row["x_n"]`, a call."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
            return COUNT_NAME.search(name) is not None or (
                isinstance(node, ast.Attribute) and names_count(node.value)
            )
        case ast.Subscript(slice=key, value=value):
            return names_count(key) or names_count(value)
        case ast.Call(func=function, args=arguments):
            return names_count(function) or any(names_count(each) for each in arguments)
        case _:
            return False


def list_files(folders: tuple[str, ...], suffix: str) -> dict[str, str]:
    """Text by path of the delivered files."""
    paths = [path for folder in folders for path in sorted((PROJECT_ROOT / folder).rglob(suffix))]
    names = {path: path.relative_to(PROJECT_ROOT).as_posix() for path in paths}
    assert names
    return {name: path.read_text(encoding="utf-8") for path, name in names.items()}


def test_no_model_has_a_finished_share() -> None:
    files = list_files(("models/sql",), "*.sql") | list_files(("models/sql",), "*.yml")
    assert {
        name: found for name, text in files.items() if (found := find_ratio_columns(text))
    } == {}


def test_no_model_takes_the_mean_of_zeros_and_ones() -> None:
    files = list_files(SQL_FOLDERS, "*.sql")
    assert {name: found for name, text in files.items() if (found := find_means(text))} == {}


def test_no_model_divides_by_a_count() -> None:
    files = list_files(SQL_FOLDERS, "*.sql")
    found = {name for name, text in files.items() if find_sql_divisions(text)}
    assert found == set(EXEMPT)


def test_only_serving_and_analysis_divide_by_a_count() -> None:
    files = list_files(PYTHON_FOLDERS, "*.py")
    found = {
        name: divisions
        for name, text in files.items()
        if not name.startswith(MAKES_SHARES) and (divisions := find_python_divisions(text))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select late_n / resolved_n from t", True),
        ("select late_n / nullif(t.resolved_n, 0) from t", True),
        ("select late_n // resolved_n from t", True),
        ("select 100.0 * late_n\n/ sum(resolved_n) from t", True),
        ("select late_num / cast(late_den as double) from t", True),
        ("select started_n / 60 from t", False),
        ("select seconds // 14400 as bucket from t -- seconds / day_n", False),
        ("select a /* over b_n */ from t", False),
    ],
)
def test_a_division_by_a_count_is_seen_in_sql(sql: str, found: bool) -> None:
    assert bool(find_sql_divisions(sql)) is found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("share = late / resolved_n", True),
        ("share = late // row['resolved_den']", True),
        ("share = row.late_n / row.resolved_n", True),
        ("frame.with_columns(share=pl.col('late_n') / pl.col('resolved_n'))", True),
        ("frame.with_columns(share=pl.col('late_n').truediv(pl.col('resolved_n')))", True),
        ("share = late / pl.col('resolved_n').sum()", True),
        ("share /= resolved_n", True),
        ("db.sql('select late_n / resolved_n from t')", True),
        ("db.sql(f'select {late} / resolved_n from {table}')", True),
        ("hours = minutes_n / 60", False),
        ("folder = home / 'page_n.html'", False),
        ("folder = home / name", False),
        ("words = 'late / resolved_n'", False),
    ],
)
def test_a_division_by_a_count_is_seen_in_python(source: str, found: bool) -> None:
    assert bool(find_python_divisions(source)) is found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select avg(case when is_late then 1 else 0 end) from t", True),
        ("select avg(is_late::int) from t", True),
        ("select AVG(cast(has_e_result as integer)) over (partition by unit_key) from t", True),
        ("select mean((due_at < finished_at)::int) from t", True),
        ("select avg(working_minutes) from t", False),
        ("select median(working_minutes) from t where is_late", False),
    ],
)
def test_a_mean_of_zeros_and_ones_is_seen(sql: str, found: bool) -> None:
    assert bool(find_means(sql)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select late_n as late_ratio from t", True),
        ("      - name: late_ratio", True),
        ("select late_n from t -- no late_ratio here", False),
    ],
)
def test_a_finished_share_is_seen(text: str, found: bool) -> None:
    assert bool(find_ratio_columns(text)) is found
