#!/usr/bin/env python3
"""Starts a command a dozen times and kills it once it has kept something new.

kill_at_checkpoints.py TIMES FOLDER COMMAND ...: FOLDER is the experiment's; each
time the command is killed when a checkpoint in its .work/ is newer than at the
start, and a little later each time. Says how often it was killed.
"""
import os
import signal
import subprocess
import sys
import time


def checkpoints(work):
    found = set()
    try:
        with os.scandir(work) as entries:
            for entry in entries:
                if entry.name.endswith(".checkpoint"):
                    about = entry.stat()
                    found.add((entry.name, about.st_ino, about.st_mtime_ns))
    except FileNotFoundError:
        pass
    return found


def main():
    times, folder, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    work = os.path.join(folder, ".work")
    killed = 0
    for turn in range(times):
        before = checkpoints(work)
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while process.poll() is None and not checkpoints(work) - before:
            time.sleep(0.0005)
        time.sleep(0.0007 * (turn % 6))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
    print(f"killed {killed} times")


if __name__ == "__main__":
    main()
