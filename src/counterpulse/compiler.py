"""How numba compiles kernels: what a kernel calls is only linked into it; optimised and turned into machine code is what Python calls, once, whole.

numba by itself optimises each function together with all that it calls and makes machine code of it, again for each function on the way up: of the
closed loop's hundreds of functions Python calls six. Knows numba's compiler and dispatcher; knows no cache and no kernel.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from llvmlite import binding
from numba import types
from numba.core.caching import CompileResultCacheImpl
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, CompileResult, DefaultPassBuilder, _LowerResult
from numba.core.compiler_machinery import register_pass
from numba.core.environment import lookup_environment
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NativeLowering

ENVIRONMENT = "_ZN08NumbaEnv"

# numba writes out the types of a function's arguments before each of 27 passes, for listeners that nobody has: for records a tenth of all its work.
cast("Any", types.Record).__repr__ = cache(types.Record.__repr__)


class WholeLibrary(JITCodeLibrary):
    """A function that Python calls, with everything that it calls."""

    def finalize(self) -> None:
        """Link all parts, each once and after those that call it (before, LLVM would drop it); optimise, emit, hand every function its environment."""
        calls: list[Any] = []
        for library in self._linking_libraries:
            _after_its_calls(library, calls)
        self._linking_libraries = calls[::-1]
        super().finalize()
        for place in self._final_module.global_variables:
            environment = lookup_environment(place.name) if place.name.startswith(ENVIRONMENT) else None
            if environment is not None:
                cast("Any", self._codegen).set_env(place.name, environment)

    def _optimize_final_module(self) -> None:
        """Parts are its own: two wholes in one process each have theirs, and neither may be bound to the other's."""
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == binding.Linkage.linkonce_odr:
                function.linkage = "internal"
        super()._optimize_final_module()


class PartLibrary(JITCodeLibrary):
    """A function called by others: its own simplified code and no more, which others link."""

    def finalize(self) -> None:
        """Leave module passes and machine code to whoever links this."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    def with_calls(self) -> bytes:
        """Its code and that of all that it calls, which nobody else sees: what a cache keeps."""
        calls: list[Any] = []
        _after_its_calls(self, calls)
        whole = self._final_module.clone()
        for library in calls[-2::-1]:
            whole.link_in(library._get_module_for_linking(), preserve=True)  # noqa: SLF001
        parts = {function.name for library in calls[:-1] if isinstance(library, PartLibrary) for function in library.get_defined_functions()}
        for function in whole.functions:
            if function.name in parts and not function.is_declaration:
                function.linkage = "internal"
        return whole.as_bitcode()

    def take(self, code: bytes) -> None:
        """Be what `with_calls` gave."""
        self._final_module = binding.parse_bitcode(code)
        self.finalize()


class ApartLibrary(PartLibrary):
    """A part that stays a function of its own."""

    attributes = ("noinline",)

    def add_llvm_module(self, ll_module: Any) -> None:
        """Say so before anything is simplified."""
        for function in ll_module.functions:
            if not function.is_declaration:
                for attribute in self.attributes:
                    function.add_function_attribute(attribute)
        super().add_llvm_module(ll_module)


class RareLibrary(ApartLibrary):
    """A part that runs seldom: small rather than fast, and out of the way."""

    attributes = ("noinline", "cold", "optsize")


def _after_its_calls(library: Any, calls: list[Any]) -> None:
    if library in calls:
        return
    if isinstance(library, PartLibrary):
        for further in library._linking_libraries:  # noqa: SLF001
            _after_its_calls(further, calls)
    calls.append(library)


@register_pass(mutates_CFG=True, analysis_only=False)
class WholeLowering(NativeLowering):
    """Lower a function that Python calls."""

    _name = "whole_lowering"

    def run_pass(self, state: Any) -> bool:
        """As numba does, into a library that links all parts."""
        state.library = WholeLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return super().run_pass(state)


class Called:
    """Stands for the address of a part: what numba looks a function up by."""


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lower a function that other kernels call: no wrappers for Python or C, no machine code."""

    _name = "part_lowering"
    library: type[PartLibrary] = PartLibrary

    def run_pass(self, state: Any) -> bool:
        """As numba does, but for what is left out."""
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        flags = state.flags
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        super().run_pass(state)
        lowered, called = state["cr"], Called()
        state.library.finalize()
        state.targetctx.insert_user_function(called, lowered.fndesc, [state.library])
        state["cr"] = _LowerResult(lowered.fndesc, lowered.call_helper, cfunc=called, env=lowered.env)
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class ApartLowering(PartLowering):
    """Lower a part that stays a function of its own."""

    _name = "apart_lowering"
    library = ApartLibrary


@register_pass(mutates_CFG=True, analysis_only=False)
class RareLowering(PartLowering):
    """Lower a part that runs seldom."""

    _name = "rare_lowering"
    library = RareLibrary


class PartCacheImpl(CompileResultCacheImpl):
    """What a cache keeps of a part, beside what it keeps of the same function whole."""

    def get_filename_base(self, fullname: str, abiflags: str) -> str:
        """A file of its own."""
        return f"part-{super().get_filename_base(fullname, abiflags)}"

    def reduce(self, cres: Any) -> Any:
        """Code, description and types."""
        cres.fndesc.typemap = cres.fndesc.calltypes = None  # as numba does: they cannot all be kept
        return cres.library.name, cres.library.with_calls(), cres.fndesc, cres.environment, cres.signature, cres.reload_init

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """The same as if it had just been compiled."""
        name, code, described, environment, signature, reload_init = payload
        library = PartLibrary(target_context.codegen(), name)
        library.take(code)
        return CompileResult(
            typing_context=target_context.typing_context, target_context=target_context, entry_point=Called(), typing_error=None, type_annotation="",
            signature=signature, objectmode=False, lifted=(), fndesc=described, library=library, call_helper=None, environment=environment,
            metadata=None, reload_init=reload_init, referenced_envs=(),
        )  # fmt: skip


def _pipeline(state: Any, lowering: type) -> list[Any]:
    manager = DefaultPassBuilder.define_nopython_pipeline(state)
    manager.passes = [(lowering if one is NativeLowering else one, words) for one, words in manager.passes]
    manager.finalize()
    return [manager]


class WholeCompiler(CompilerBase):
    """Compiles what Python calls."""

    lowering: type[NativeLowering] = WholeLowering

    def define_pipelines(self) -> list[Any]:
        """All of numba's own passes but the last."""
        return _pipeline(self.state, self.lowering)


class PartCompiler(WholeCompiler):
    """Compiles what kernels call."""

    lowering = PartLowering


class ApartCompiler(WholeCompiler):
    """Compiles what kernels call and what is to be there only once."""

    lowering = ApartLowering


class RareCompiler(WholeCompiler):
    """Compiles what kernels call seldom."""

    lowering = RareLowering


class PartDispatcher(CPUDispatcher):
    """Compiled for the kernels that call it; Python cannot."""

    def add_overload(self, cres: Any) -> None:
        """Keep what was compiled; there is no address that Python could call."""
        self.overloads[tuple(cres.signature.args)] = cres

    def keep_in(self, cache: Any) -> None:
        """Look for parts here before compiling, and leave them here."""
        self._cache = cache


class Kernel(CPUDispatcher):
    """A compiled function: whole for Python, a part for other kernels."""

    part_compiler: type[CompilerBase] = PartCompiler

    def __init__(self, py_func: Callable[..., Any], locals: Any = None, targetoptions: Any = None, pipeline_class: Any = WholeCompiler) -> None:  # noqa: A002  numba's names
        super().__init__(py_func, locals, targetoptions, pipeline_class)
        self.part = PartDispatcher(py_func, locals, dict(targetoptions or {}), self.part_compiler)

    def keep_in(self, cache: Any, parts: Any = None) -> None:
        """Look for compiled code here before compiling, and leave it here: whole, and as a part of others."""
        self._cache = cache
        if parts is not None:
            self.part.keep_in(parts)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What type inference asks when another kernel calls this one."""
        return self.part.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """What lowering asks when another kernel calls this one."""
        return self.part.get_overload(sig)


class ApartKernel(Kernel):
    """A kernel that stays a function of its own in those that call it."""

    part_compiler = ApartCompiler


class RareKernel(Kernel):
    """The same for one that runs seldom."""

    part_compiler = RareCompiler


def compiled(function: Callable[..., Any], kind: type[Kernel] = Kernel, **options: Any) -> Kernel:
    """Compile when it is first called."""
    return kind(function, targetoptions={"nopython": True, "boundscheck": None, "error_model": "numpy", **options})
