"""Mathematical notation in ASCII, for terminals without UTF-8."""

from __future__ import annotations

import re
import unicodedata

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿˣʸ", "0123456789+-nxy", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_RUN_OF_RAISED = re.compile(f"[{''.join(_RAISED)}]+")
_SPELLED = {
    "′": "'", "″": "''", "‴": "'''", "−": "-", "–": "-", "—": "-", "·": "*", "×": "x", "±": "+-", "≤": "<=", "≥": ">=",
    "≈": "~", "≠": "!=", "→": "->", "←": "<-", "↑": "^", "↓": "v", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'",
    "∇": "grad ", "∂": "d", "Σ": "sum", "√": "sqrt", "∞": "inf", "α": "alpha", "β": "beta", "γ": "gamma",
    "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "Φ": "Phi", "•": "*", "°": " deg", "✓": "v", "✗": "x",
    "\u0302": "^",
}  # fmt: skip


def plain(text: str) -> str:
    """Convert `text` to ASCII: `x²` becomes `x^2`, `f′` becomes `f'`, accents are dropped, other characters become
    `?`."""
    if text.isascii():
        return text
    text = text.replace(" · ", ", ")
    text = _RUN_OF_RAISED.sub(lambda run: "^" + "".join(_RAISED[c] for c in run.group()), text)
    return "".join(_letter(c) for c in text)


def _letter(char: str) -> str:
    if char.isascii():
        return char
    known = _SPELLED.get(char) or _LOWERED.get(char)
    return known or unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode() or "?"
