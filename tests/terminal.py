# Types at a terminal of the command's own: a line of the file STEPS is what to
# wait for, a tab, and what to type then. The terminal's text goes to the file
# "screen", whether it echoed to "echo". "look" instead: where in memory the
# secrets of the file "secrets" are, to "look"; digits are looked for as bytes
# too, in both orders.
import os, pty, select, signal, sys, termios
import memory
steps = [s.split("\t") for s in open(sys.argv[1]).read().splitlines()]
secrets = memory.read_secrets("secrets")
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
screen, at = b"", 0

def more():
    global screen
    if not select.select([fd], [], [], 10)[0]:
        print("nothing comes after", screen[at:])
        os.kill(pid, signal.SIGKILL)
        sys.exit(99)
    try:
        got = os.read(fd, 4096)
    except OSError:
        got = b""
    screen += got
    return got

def quiet():
    return not termios.tcgetattr(fd)[3] & termios.ECHO

for want, answer in steps:
    while want.encode() not in screen[at:]:
        if not more():
            break
    at = screen.find(want.encode(), at) + len(want)
    if answer == "look":
        memory.look(pid, secrets)
        continue
    with open("echo", "a") as f:
        print("quiet" if quiet() else "echo", file=f)
    if answer.startswith("kill "):
        os.kill(pid, int(answer[5:]))
        continue
    os.write(fd, answer.encode().decode("unicode_escape").encode())
    if not answer.startswith("\\x"):
        os.write(fd, b"\n")
while more():
    pass
_, status = os.waitpid(pid, 0)
with open("echo", "a") as f:
    print("quiet" if quiet() else "echo", file=f)
open("screen", "wb").write(screen)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
