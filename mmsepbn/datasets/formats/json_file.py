"""Read JSON files."""

import json
from pathlib import Path
from typing import Any

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.text_file import read_text
from mmsepbn.unique_keys import unique_keys


def load_json(path: Path) -> Any:
    """The content of a JSON file; AnnotationError names file and, where it can, line."""
    try:
        return json.loads(read_text(path), object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        raise AnnotationError(f'{path}:{error.lineno}: not valid JSON: {error.msg}.') from None
    except (AnnotationError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, AnnotationError):
            raise
        reason = 'too deep' if isinstance(error, RecursionError) else str(error) or type(error).__name__
        raise AnnotationError(f'{path}: not valid JSON: {reason}.') from None
