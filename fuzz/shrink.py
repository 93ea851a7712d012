"""An input with a fault made smaller, as long as the same fault shows at the same place."""

from fuzz.harness import Harness, attempt

Fault = tuple[type[BaseException], str, int]


def fault_of(one: Harness, data: bytes) -> Fault | None:
    """What an input shows: the kind of exception and the line that raised it; None for nothing."""
    try:
        attempt(one, data)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ("", 0)
        return type(error), *place
    return None


def shrink(one: Harness, data: bytes) -> bytes:
    """Parts left out, from halves down to single bytes, then bytes made plain. Raises `ValueError` without a fault."""
    wanted = fault_of(one, data)
    if wanted is None:
        raise ValueError("this input shows no fault")
    size = max(1, len(data) // 2)
    while size:
        start = 0
        while start < len(data):
            shorter = data[:start] + data[start + size :]
            if fault_of(one, shorter) == wanted:
                data = shorter
            else:
                start += size
        size //= 2
    for place in range(len(data)):
        plainer = data[:place] + b"a" + data[place + 1 :]
        if data[place : place + 1] != b"a" and fault_of(one, plainer) == wanted:
            data = plainer
    return data
