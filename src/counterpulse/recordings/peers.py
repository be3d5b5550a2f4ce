"""Other packages' detectors behind one form: samples in, marks out. Knows how each is called, not how good it is; none is needed to run.

All of them see the whole record at once (look-ahead filters, learning passes), so none is causal. Called with their defaults. Values: mV or mmHg.
"""

import contextlib
import io
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Peer(NamedTuple):
    """A detector: its name, the module it needs, what it marks (`r` or `onset`), and how to call it with (signal, Hz)."""

    name: str
    module: str
    kind: str
    call: Callable[[Floats, float], Any]


def _gqrs(x: Floats, fs: float) -> Any:
    from wfdb import processing  # noqa: PLC0415

    return processing.gqrs_detect(x, fs=fs)


def _xqrs(x: Floats, fs: float) -> Any:
    from wfdb import processing  # noqa: PLC0415

    return processing.xqrs_detect(x, fs=fs, verbose=False)


def _neurokit(method: str, cleaning: str | None = None) -> Callable[[Floats, float], Any]:
    def call(x: Floats, fs: float) -> Any:
        import neurokit2 as nk  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

        cleaned = nk.ecg_clean(x, sampling_rate=int(fs), method=cleaning or method)
        return nk.ecg_peaks(cleaned, sampling_rate=int(fs), method=method)[1]["ECG_R_Peaks"]

    return call


def _hamilton(x: Floats, fs: float) -> Any:
    from biosppy.signals import ecg  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    return ecg.ecg(x, sampling_rate=fs, show=False)["rpeaks"]


def _sleepecg(x: Floats, fs: float) -> Any:
    import sleepecg  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    return sleepecg.detect_heartbeats(x, fs)  # pyright: ignore[reportPrivateImportUsage]


def _heartpy(x: Floats, fs: float) -> Any:
    import heartpy  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    worked, _ = heartpy.process(heartpy.scale_data(x), fs)
    kept = np.asarray(worked["binary_peaklist"], bool)
    return np.asarray(worked["peaklist"])[kept]


def _ecgdetectors(x: Floats, fs: float) -> Any:
    from ecgdetectors import Detectors  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    return Detectors(fs).two_average_detector(x)  # pyright: ignore[reportArgumentType]


def _ppg(method: str) -> Callable[[Floats, float], Any]:
    def call(x: Floats, fs: float) -> Any:
        import neurokit2 as nk  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

        return nk.ppg_peaks(nk.ppg_clean(x, sampling_rate=int(fs)), sampling_rate=int(fs), method=method)[1]["PPG_Peaks"]

    return call


def _zong(x: Floats, fs: float) -> Any:
    from biosppy.signals import abp  # noqa: PLC0415  # pyright: ignore[reportMissingImports]

    return abp.find_onsets_zong2003(signal=x, sampling_rate=fs)["onsets"]


def _heartpy_pressure(x: Floats, fs: float) -> Any:
    return _heartpy(x, fs)


PEERS = (
    Peer("wfdb gqrs", "wfdb", "r", _gqrs),
    Peer("wfdb xqrs", "wfdb", "r", _xqrs),
    Peer("neurokit2 neurokit", "neurokit2", "r", _neurokit("neurokit")),
    Peer("neurokit2 khamis2016", "neurokit2", "r", _neurokit("khamis2016", "neurokit")),
    Peer("neurokit2 pantompkins1985", "neurokit2", "r", _neurokit("pantompkins1985")),
    Peer("biosppy hamilton", "biosppy", "r", _hamilton),
    Peer("sleepecg", "sleepecg", "r", _sleepecg),
    Peer("heartpy", "heartpy", "r", _heartpy),
    Peer("py-ecg-detectors two_average", "ecgdetectors", "r", _ecgdetectors),
    Peer("neurokit2 ppg elgendi (peak)", "neurokit2", "onset", _ppg("elgendi")),
    Peer("biosppy abp zong2003", "biosppy", "onset", _zong),
    Peer("heartpy (peak)", "heartpy", "onset", _heartpy_pressure),
)


def installed() -> tuple[list[Peer], list[str]]:
    """The peers whose package is here, and the names of the others."""
    here = [peer for peer in PEERS if find_spec(peer.module) is not None]
    return here, [peer.name for peer in PEERS if peer not in here]


def ask(peer: Peer, signal: Floats, fs_hz: float) -> Floats | None:
    """Marks in samples, rising; None where the peer raised an error. Missing values are bridged by straight lines first."""
    there = np.isfinite(signal)
    if there.sum() < 2:
        return np.zeros(0)
    at = np.arange(len(signal))
    whole = np.interp(at, at[there], signal[there])
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            marks = np.asarray(peer.call(whole, fs_hz), float).ravel()
        except Exception:  # noqa: BLE001  another package's error is a result to report, not ours to raise
            return None
    return np.sort(marks[np.isfinite(marks)])
