"""Extensions of files that can't be served, for the refusal of one whose content tells nothing."""

from serving.formats.foreign_contents import AS_ONNX, THE_MODEL

_KERAS = ("of models of Keras or TensorFlow", AS_ONNX)
_TORCH = ("of files of PyTorch", AS_ONNX)
_R = ("of R objects", AS_ONNX)
_TABLE = ("of a table", "Data is sent to a model with a request.")
_TEXT = ("of a text, a script or a setting", THE_MODEL)
_PICTURE = ("of a picture", THE_MODEL)
EXTENSIONS: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".h5", ".hdf5", ".keras", ".pb", ".tflite", ".ckpt"), _KERAS),
    **dict.fromkeys((".pt", ".pth", ".safetensors", ".torchscript"), _TORCH),
    **dict.fromkeys((".rds", ".rda", ".rdata"), _R),
    **dict.fromkeys((".csv", ".tsv", ".parquet", ".arrow", ".feather", ".xlsx"), _TABLE),
    **dict.fromkeys((".py", ".ipynb", ".yaml", ".yml", ".toml", ".html", ".md", ".sh"), _TEXT),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf"), _PICTURE),
    ".pmml": ("of PMML documents", AS_ONNX),
    ".mlmodel": ("of models of Core ML", AS_ONNX),
    ".gguf": ("of language models of llama.cpp", AS_ONNX),
    ".tar": ("of an archive", "Pack it as .tar.gz."),
}
