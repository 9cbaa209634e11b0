"""Arrays of records as the compiler sees them inside the kernel: a pointer, and nothing else.

An array costs the compiler seven values wherever it is passed and the kernel passes a dozen of them
through a deep tree of calls, so that it would take a minute to compile. A vector is one value. Indices
are not checked and not wrapped.
"""

from __future__ import annotations

import hashlib
import operator
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model


class NamedRecord(types.Record):
    """A record type with a short name: the usual one spells out all fields in every symbol."""

    def __init__(self, record: types.Record) -> None:
        fields = [
            (name, {"type": f.type, "offset": f.offset, "alignment": f.alignment, "title": f.title})
            for name, f in record.fields.items()
        ]
        super().__init__(fields, record.size, record.aligned)
        self.name = "Record" + hashlib.sha256(record.name.encode()).hexdigest()[:12]


class Vector(types.Type):
    """A pointer to records that lie one after the other."""

    def __init__(self, record: NamedRecord) -> None:
        self.record = record
        super().__init__(f"Vector{record.name}")


register_model(NamedRecord)(models.RecordModel)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Vector) -> None:
        super().__init__(manager, vector, ir.ArrayType(ir.IntType(8), vector.record.size).as_pointer())


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        vector, index = args
        if isinstance(vector, Vector) and isinstance(index, types.Integer):
            return signature(vector.record, vector, types.intp)
        return None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        vector, index, value = args
        if isinstance(vector, Vector) and isinstance(index, types.Integer) and value == vector.record:
            return signature(types.none, vector, types.intp, value)
        return None


@lower_builtin(operator.getitem, Vector, types.intp)
def _get(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.gep(args[0], [args[1]])


@lower_builtin(operator.setitem, Vector, types.intp, NamedRecord)
def _set(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    target = builder.gep(args[0], [args[1]])
    size = context.get_constant(types.intp, sig.args[0].record.size)
    cgutils.raw_memcpy(builder, target, args[2], size, 1)
    return context.get_dummy_value()


@intrinsic
def vector(typing_context: Any, array: Any) -> Any:
    """Return the records of a one-dimensional array as a vector; for compiled functions only."""
    if not isinstance(array, types.Array) or not isinstance(array.dtype, types.Record) or array.ndim != 1:
        raise numba.TypingError("a vector is made of a one-dimensional array of records")
    found = Vector(NamedRecord(array.dtype))

    def lowered(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.bitcast(data, context.get_value_type(found))

    return found(array), lowered
