"""What of the memory that is free again the system gets back."""

from __future__ import annotations

__all__ = ["give_back"]


def give_back() -> None:
    """Return whole pages of the heap that nothing uses to the system; this may take milliseconds.

    Else glibc keeps what lies between the small things that streams hold for minutes: after a
    thousand requests at once, as much as all of their bodies. Other systems do what they do.
    """
    # Read in by those who run for long enough to need it.
    import ctypes  # noqa: PLC0415

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
