"""The models that ship, checked against their manifest, and how they are run.

They are MediaPipe's, in TensorFlow Lite's format; LiteRT runs them on one core.
"""

import contextlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.api.errors import AnalysisModelError
from engine.painting.manifest import MANIFEST_FILE, sha256_of

SHIPPED_MODELS: Final = Path(__file__).parent / "model_files"

Floats = NDArray[np.float32]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelRecord(_Record):
    """One model's file.

    Attributes:
        file: File name in the folder.
        sha256: Its checksum.
        does: What it is for.
        input_px: Height and width of its input.
    """

    file: str = Field(pattern=r"^[a-z0-9_]+\.tflite$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    does: str
    input_px: tuple[int, int]


class ModelManifest(_Record):
    """All models.

    Attributes:
        format: Version of this file's layout.
        source: Where the files come from.
        licence: Their licence.
        models: Name to file.
    """

    format: Literal[1]
    source: str
    licence: str
    models: dict[str, ModelRecord]


class Model:
    """A loaded model; must be used from one thread at a time."""

    def __init__(self, interpreter: Any) -> None:  # noqa: ANN401 - the library is untyped
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]
        self._outputs = interpreter.get_output_details()
        height, width = self._input["shape"][1:3]
        self.input_px = (int(height), int(width))

    def run(self, pixels: NDArray[Any]) -> list[Floats]:
        """All outputs for one (height, width, 3) picture, without the batch's axis."""
        self._interpreter.set_tensor(self._input["index"], pixels[None].astype(np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(each["index"])[0] for each in self._outputs]


def read_models(folder: Path = SHIPPED_MODELS) -> ModelManifest:
    """Read and validate the manifest.

    Raises:
        AnalysisModelError: it is missing or invalid.
    """
    try:
        return ModelManifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise AnalysisModelError(
            f"The list of the analyses' models is damaged: {folder / MANIFEST_FILE}."
        ) from error


def load(name: str, folder: Path = SHIPPED_MODELS) -> Model:
    """Load a model after checking its file.

    Raises:
        AnalysisModelError: the file is missing or its checksum is wrong.
    """
    record = read_models(folder).models[name]
    path = folder / record.file
    _check(path, record.sha256)
    from ai_edge_litert.interpreter import Interpreter

    with _quiet():
        interpreter = Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
    return Model(interpreter)


# Loaded once per process, that is, once per codec worker.
loaded: Final = cache(load)


def _check(path: Path, sha256: str) -> None:
    try:
        right = sha256_of(path) == sha256
    except OSError as error:
        raise AnalysisModelError(f"A model of the analyses is missing: {path}.") from error
    if not right:
        raise AnalysisModelError(f"{path} is not the file its manifest names: the sha256 differs.")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's line about its delegate, written by C++ code, off standard error."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
