"""Typed expressions: their values, their formatting, their derivatives, and refused ones."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.own.expressions import Expression, parse
from engine.own.operations import CONSTANTS, FUNCTIONS
from engine.own.parser import DEEPEST, LONGEST, ExpressionError
from engine.own.tree import Apply, Node, NumberLiteral, Symbol, names, written

XY = ("x", "y")

leaves = st.one_of(
    st.floats(0, 1e3, allow_nan=False).map(NumberLiteral),
    st.integers(0, 20).map(lambda n: NumberLiteral(float(n))),
    st.sampled_from([*XY, *CONSTANTS]).map(Symbol),
)


def _operations(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    one = [name for name, function in FUNCTIONS.items() if len(function.slopes) == 1]
    return st.one_of(
        st.builds(lambda op, u, v: Apply(op, (u, v)), st.sampled_from("+-*/^"), inner, inner),
        st.builds(lambda name, u: Apply(name, (u,)), st.sampled_from(["-", *one]), inner),
        st.builds(lambda name, u, v: Apply(name, (u, v)), st.sampled_from(["min", "max"]), inner, inner),
    )


trees = st.recursive(leaves, _operations, max_leaves=12)
places = st.floats(-3, 3).map(lambda x: round(x, 3))
# Places at which no kink lies, such as that of max(0, x) or of max(x, y).
between = places.map(lambda x: x + 0.000377123), places.map(lambda y: y + 0.000731459)


def value(text: str, x: float = 1.5, y: float = -0.5) -> float:
    return float(parse(text, XY)(x, y, np))


def refused(text: str, variables: tuple[str, ...] = XY) -> ExpressionError:
    with pytest.raises(ExpressionError) as error:
        parse(text, variables)
    return error.value


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("x + y*2", 0.5), ("(x + y)*2", 2.0), ("x - y - 1", 1.0), ("x/y/2", -1.5), ("-x^2", -2.25),
        ("2^-x^2", 2**-2.25),
        ("2^3^x", 2 ** (3**1.5)), ("x^-2", 1.5**-2), ("3x^2", 6.75), ("2(x+1)", 5.0), ("(x)(y)", -0.75),
        ("2 x y", -1.5), ("xy^2", 0.375), ("x y", -0.75), ("2e3x", 3000.0), ("2e x", 2 * math.e * 1.5),
        ("sin(x)cos(y)", math.sin(1.5) * math.cos(-0.5)), ("pi x", math.pi * 1.5), ("x**2", 2.25), ("+x", 1.5),
        ("--x", 1.5), ("x*-2", -3.0), ("e^-x", math.exp(-1.5)), ("max(x, y) - min(x,y)", 2.0), ("abs(y)", 0.5),
        ("3x² − 2·x", 3.75), ("πx", math.pi * 1.5), ("x × 2", 3.0), (".5x", 0.75), ("5.x", 7.5),
        ("ln(x)", math.log(1.5)),
        ("log2(8x)", 3 + math.log2(1.5)), ("log10(x)", math.log10(1.5)), ("erf(x)", math.erf(1.5)), ("x/2*4", 3.0),
        ("sigmoid(x)", 1 / (1 + math.exp(-1.5))), ("softplus(x)", math.log1p(math.exp(1.5))), ("relu(y) + x", 1.5),
        ("sign(y) x", -1.5), ("x^0.5", 1.5**0.5), ("y^3", -0.125), ("y^17", (-0.5) ** 17), ("2^x", 2**1.5),
        ("(1 - x)^2 + 100*(y - x^2)^2", 0.25 + 100 * 2.75**2), ("1/(2x)", 1 / 3), ("x^y", 1.5**-0.5),
        ("min(0, 1/(x - 1.5))", 0.0), ("max(2, 1/(1.5 - x - 0))", math.inf),
    ],
)  # fmt: skip
def test_an_expression_is_worth_what_it_is_in_mathematics(text: str, worth: float) -> None:
    assert value(text) == pytest.approx(worth, rel=1e-14)


@settings(max_examples=300, deadline=None)
@given(trees, places, places, st.booleans())
def test_what_is_printed_is_parsed_to_the_same_value(tree: Node, x: float, y: float, pretty: bool) -> None:
    text = written(tree, pretty=pretty)
    try:
        again = parse(text, XY, constant=True)
    except ExpressionError as error:  # the only refused trees: too long, or with a number that is not finite
        assert len(text) > LONGEST or "not a finite number" in str(error)
        return
    first, second = Expression(tree, XY)(x, y, np), again(x, y, np)
    np.testing.assert_allclose(second, first, rtol=1e-9)
    if written(again.tree, pretty=pretty) != text:  # a sign before a product is read as that of its first factor
        texts = [str(again)]
        for _ in range(12):
            texts.append(str(parse(texts[-1], XY, constant=True)))
        assert texts[-1] == texts[-2]


def is_inside(node: Node, x: float, y: float) -> bool:
    """Whether every part of a tree is finite at a place, and has a derivative there by the rule for u^v, which takes
    the logarithm of u."""
    if not isinstance(node, Apply):
        return True
    parts = [float(Expression(each, XY)(x, y, np)) for each in (node, *node.arguments)]
    has_slope = node.operation != "^" or not names(node.arguments[1]) or parts[1] > 0
    return has_slope and bool(np.isfinite(parts).all()) and all(is_inside(each, x, y) for each in node.arguments)


@settings(max_examples=300, deadline=None)
@given(trees, *between)
def test_the_derivative_agrees_with_the_central_difference(tree: Node, x: float, y: float) -> None:
    expression = Expression(tree, XY)
    h = 1e-5
    around = np.array([x - 2 * h, x - h, x, x + h, x + 2 * h])
    f = np.broadcast_to(expression(around, np.full(5, y), np), 5)
    with np.errstate(all="ignore"):
        slopes = np.diff(f) / h
    exact = float(expression.derivative("x")(x, y, np))
    with np.errstate(all="ignore"):
        smooth = np.isfinite(f).all() and np.abs(np.diff(slopes)).max() < 1e-3 and np.abs(f).max() < 1e3
    if smooth and is_inside(tree, x, y) and np.abs(f).max() * 1e-16 / h < 1e-8:
        assert exact == pytest.approx((f[3] - f[1]) / (2 * h), rel=1e-3, abs=1e-3)


@settings(max_examples=200, deadline=None)
@given(trees, *between)
def test_a_complex_step_gives_the_same_derivative(tree: Node, x: float, y: float) -> None:
    expression = Expression(tree, XY)
    exact = float(expression.derivative("x")(x, y, np))
    dual = complex(expression(np.array(x + 1e-30j), np.array(y + 0j), np))
    if math.isfinite(exact) and abs(exact) < 1e6 and math.isfinite(dual.imag):
        assert dual.imag * 1e30 == pytest.approx(exact, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_derivative_of_each_function_is_that_of_its_central_difference(name: str) -> None:
    count, h = len(FUNCTIONS[name].slopes), 1e-6
    x = np.array([0.1, 0.3, 0.7, 0.9])
    expression = parse(f"{name}(x)" if count == 1 else f"{name}(x, 1 - x^2)", ("x",))
    central = (expression(x + h, np) - expression(x - h, np)) / (2 * h)
    np.testing.assert_allclose(expression.derivative("x")(x, np), central, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("x^4 - 3x^2 + x", "4x³ − 6x + 1"), ("x^2/10 + sin(3x)", "2x/10 + 3·cos(3x)"), ("-x^2", "−2x"), ("2^x",
        "2^x·log(2)"),
        ("e^x", "e^x"), ("1/x", "−1/x²"), ("x^-2", "−2x^(−3)"), ("y^2", "0"), ("(x*y)^3", "3·(x·y)²·y"),
        ("x^sin(0)", "0"),
    ],
)  # fmt: skip
def test_a_derivative_reads_as_a_person_writes_it(text: str, slope: str) -> None:
    assert parse(text, XY).derivative("x").pretty == slope


def test_values_keep_the_dtype_and_shape() -> None:
    x = np.ones((3, 4), np.float32)
    for text in ("x^2 + sin(2)y", "2^x", "max(1, x)", "pi x", "x^2.5", "erf(x)", "y"):
        found = parse(text, XY)(x, x, np)
        assert (found.dtype, found.shape) == (np.float32, (3, 4)), text


def test_outside_its_domain_a_function_is_no_number_for_dual_numbers_too() -> None:
    for text in ("log(x)", "sqrt(x)", "asin(x - 3)", "x^0.5"):
        assert math.isnan(parse(text, XY)(np.array(-1.0 + 1e-30j), np.array(0j), np).real), text


@pytest.mark.parametrize(
    ("text", "why", "at"),
    [
        ("(1 - x))^2", "')' is not expected here", 7), ("(x", "')' is missing at the end", 2), ("x +",
        "it ends too soon", 3),
        ("", "an expression of x and y is expected", 0), ("x $ 2", "'$' means nothing here", 2), ("3 4",
        "a sign is missing", 2),
        ("sin x", "sin needs parentheses: sin(…)", 4), ("sin(x, y)", "sin takes one argument", 0),
        ("max(x)", "max takes 2 arguments", 0), ("x + sim(y)", "did you mean sin?", 4), ("2z", "'z' is not known", 1),
        ("1/2x", "ambiguous", 2), ("3", "there is no x or y in it", 0), ("x + log(-1)", "not a finite number", 4),
        ("9^9^9^9x", "not a finite number", 2), ("1/0 + x", "1/0 is not a finite number", 0), ("x + 1e999",
        "too large", 4),
        ("x = 3", "'=' means nothing here", 2), ("١x", "means nothing here", 0), ("x.real", "'.' means nothing", 1),
    ],
)  # fmt: skip
def test_an_error_names_the_place(text: str, why: str, at: int) -> None:
    error = refused(text)
    assert why in str(error)
    assert error.at == at
    shown, caret = error.pointed
    assert (shown, caret) == (text, " " * at + "^")


def test_the_place_in_a_long_text_is_visible() -> None:
    error = refused("x + " * 50 + "$" + " + x" * 50)
    shown, caret = error.pointed
    assert shown[caret.index("^")] == "$"
    assert len(shown) == 60


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "().__class__", "lambda: 1", "open(x)", "exec(x)", "x if x else y",
        "[x]", "{x}", "x;y",
        "x\ny", "\x1b[31mx", "eval(x)", "print(x)", "x.__class__", "f'{x}'", "x:=3", "@x", "\\x", "x\0y",
    ],
)  # fmt: skip
def test_what_is_python_and_no_mathematics_is_refused(text: str) -> None:
    error = refused(text)
    assert all(part.isprintable() for part in error.pointed)
    assert str(error).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 400, ")" * 500, "-" * 499 + "x",
        "x" + "+x" * 200, "x" * 499, "sin(" * 120 + "x" + ")" * 20, "x^" * 240 + "x",
        "9^" * 240 + "x", "x" * 1_000_000, "(" * 1_000_000, "1" * 400 + "x",
        " " * 10_000_000, "x²" * 240, "x(" * 200 + ")" * 100,
    ],
)  # fmt: skip
def test_text_that_is_long_or_nested_deeply_is_refused(text: str) -> None:
    refused(text)


def test_the_deepest_and_longest_expressions_can_be_used() -> None:
    for text in (
        "sin(" * (DEEPEST - 1) + "x" + ")" * (DEEPEST - 1),
        "(" * 240 + "x" + ")" * 240,
        "-" * (DEEPEST - 1) + "x",
    ):
        expression = parse(text, XY)
        assert math.isfinite(expression(1.0, 2.0, np))
        assert math.isfinite(expression.derivative("x")(1.0, 2.0, np))
        assert str(expression.derivative("x"))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600) | st.text("xy0123456789.+-*/^()e sincoπ²", max_size=LONGEST))
def test_any_text_is_an_expression_or_is_refused_in_a_line(text: str) -> None:
    try:
        expression: Any = parse(text, XY)
    except ExpressionError as error:
        assert "\n" not in str(error)
        assert all(part.isprintable() or not part for part in error.pointed)
    else:
        assert expression.used <= set(XY)
