"""Whether the text of a config in a checkpoint can be read without executing code."""

import ast
from typing import Any

LEFT_OUT = 'cfg_left_out'  # in a checkpoint's meta, in place of its config: why that is not read


def is_plain_config(text: Any) -> bool:
    """Whether the text of a config only assigns values: no call except ``dict(...)``, no base, template or import.

    ``custom_imports`` of this package are allowed; for others MMEngine would import whatever the text names.
    """
    if not isinstance(text, str) or '{{' in text:
        return False
    try:
        return all(_is_plain(statement) for statement in ast.parse(text).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def why_not_plain(text: Any) -> str:
    """What a config does that is not plain: which modules it imports, or that it holds code."""
    try:
        assigned = [node for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    except (TypeError, SyntaxError, ValueError, RecursionError, MemoryError):
        assigned = []
    imports = [node.value for node in assigned if 'custom_imports' in map(ast.unparse, node.targets)]
    modules = dict.fromkeys(name for node in imports for name in _foreign(node))
    return f'imports {", ".join(modules)}' if modules else 'is not made of plain values alone'


def _is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        names = [target.id if isinstance(target, ast.Name) else '_base_' for target in node.targets]
        if 'custom_imports' in names and _foreign(node.value):
            return False
        return '_base_' not in names and _is_plain(node.value)
    if isinstance(node, ast.Call):
        # MMEngine writes dict({'300w': 1}) where a key is no word of Python.
        plain = isinstance(node.func, ast.Name) and node.func.id == 'dict' and len(node.args) <= 1
        plain = plain and all(isinstance(part, ast.Dict) and _is_plain(part) for part in node.args)
        return plain and all(word.arg is not None and _is_plain(word.value) for word in node.keywords)
    if isinstance(node, ast.Dict):
        return all(key is not None and _is_plain(key) for key in node.keys) and all(map(_is_plain, node.values))
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(map(_is_plain, node.elts))
    if isinstance(node, ast.UnaryOp | ast.Expr):
        return _is_plain(node.operand if isinstance(node, ast.UnaryOp) else node.value)
    return isinstance(node, ast.Constant)


def _foreign(node: ast.AST) -> list[str]:
    """The modules of ``custom_imports`` that are not of this package."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [text for text in texts if text not in ('imports', 'mmsepbn') and not text.startswith('mmsepbn.')]
