"""Drives a program as a person at a terminal does: drive_terminal.py STEPS PROGRAM ARGUMENT...

STEPS is a JSON file: [[text to wait for, keys to send], ...]; each wait begins where the last one ended. Prints all
that the program showed, and ends as it did. A text that does not come within a minute ends it with code 99.
"""
import json, os, pty, select, sys, time

steps = json.load(open(sys.argv[1]))
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[2], sys.argv[2:])
shown, place = b"", 0


def more(seconds):
    global shown
    ready, _, _ = select.select([terminal], [], [], seconds)
    if not ready:
        return True
    try:
        data = os.read(terminal, 65536)
    except OSError:
        return False
    shown += data
    return bool(data)


def end(code):
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    sys.exit(code)


for wanted, keys in steps:
    limit = time.monotonic() + 60
    while (found := shown.find(wanted.encode(), place)) < 0:
        if time.monotonic() > limit or not more(0.5):
            sys.stderr.write(f"never came: {wanted}\n")
            os.kill(child, 9)
            end(99)
    place = found + len(wanted.encode())
    os.write(terminal, keys.encode())
limit = time.monotonic() + 60
while more(0.5):
    if time.monotonic() > limit:
        sys.stderr.write("never ended\n")
        os.kill(child, 9)
        end(99)
    if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
        while more(0.1) and select.select([terminal], [], [], 0.1)[0]:
            pass
        break
_, status = os.waitpid(child, 0)
end(os.waitstatus_to_exitcode(status))
