# Runs commands at a pseudo-terminal and answers what they ask, as a person would: a JSON spec on stdin, a JSON result on stdout.
#   {"commands": [[...]], "replies": [["Password of ", "pw\r"]], "timeoutS": 60}
# All commands run at once. Their standard input and standard error are the terminal, which is also their /dev/tty; standard
# output is a pipe. A reply is sent when its text appears after the one before.
import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios
import threading
import time


def main() -> None:
    spec = json.load(sys.stdin)
    master, slave = pty.openpty()
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    children = [
        subprocess.Popen(argv, stdin=slave, stderr=slave, stdout=subprocess.PIPE) for argv in spec["commands"]
    ]
    outputs = [b""] * len(children)

    def drain(index: int) -> None:
        outputs[index] = children[index].stdout.read()

    readers = [threading.Thread(target=drain, args=(index,)) for index in range(len(children))]
    for reader in readers:
        reader.start()
    transcript = converse(master, children, list(spec.get("replies", [])), time.monotonic() + spec.get("timeoutS", 60))
    for child in children:
        if child.poll() is None:
            child.kill()
        child.wait()
    for reader in readers:
        reader.join()
    json.dump(
        {
            "results": [
                {"status": child.returncode, "stdout": output.decode("utf-8", "replace")}
                for child, output in zip(children, outputs)
            ],
            "terminal": transcript.decode("utf-8", "replace"),
        },
        sys.stdout,
    )


def converse(master: int, children: list, replies: list, deadline: float) -> bytes:
    transcript, seen = b"", 0
    while time.monotonic() < deadline:
        is_over = all(child.poll() is not None for child in children)
        readable, _, _ = select.select([master], [], [], 0 if is_over else 0.05)
        if readable:
            try:
                chunk = os.read(master, 65536)
            except OSError:
                break
            if not chunk:
                break
            transcript += chunk
        elif is_over:
            break
        if replies:
            wanted, answer = (text.encode() for text in replies[0])
            found = transcript.find(wanted, seen)
            if found >= 0:
                seen = found + len(wanted)
                replies.pop(0)
                os.write(master, answer)
    return transcript


main()
