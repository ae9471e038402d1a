"""The smallest ONNX model, one Softmax over the last axis, as bytes of its protocol buffer.

Written here because the package that writes models is large and needed for nothing else.
Field numbers are those of onnx.proto (ONNX specification, ModelProto and below).
"""

from __future__ import annotations


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    low = value & 0x7F
    return bytes([low]) if value < 128 else bytes([low | 0x80]) + _varint(value >> 7)


def _argument(name: bytes) -> bytes:
    """A ValueInfoProto: float32, two axes of any size."""
    axis = b"".join(_field(1, _field(2, letter)) for letter in (b"r", b"n"))
    return _field(1, name) + _field(2, _field(1, _number(1, 1) + _field(2, axis)))


def softmax_model() -> bytes:
    """y = Softmax(x), opset 13, axis -1 (its default)."""
    node = _field(1, b"x") + _field(2, b"y") + _field(4, b"Softmax")
    graph = _field(1, node) + _field(2, b"g") + _field(11, _argument(b"x"))
    graph += _field(12, _argument(b"y"))
    return _number(1, 8) + _field(7, graph) + _field(8, _number(2, 13))
