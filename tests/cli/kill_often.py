#!/usr/bin/env python3
"""Starts a command a dozen times and kills it at work, each time a little later.

kill_often.py BYTES FOLDER COMMAND ...: FOLDER is where it writes; it is killed
when that has grown by up to three times BYTES.
"""
import os
import signal
import subprocess
import sys
import time


def size_of(folder):
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.path.getsize(os.path.join(path, name))
            except OSError:
                pass
    return size


def main():
    step, folder, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    killed = 0
    for times in range(12):
        begun = size_of(folder)
        process = subprocess.Popen(command)
        while process.poll() is None and \
                size_of(folder) <= begun + step * (times % 4):
            time.sleep(0.002)
        time.sleep(0.003 * times)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
    print("killed often enough" if killed >= 8 else f"killed {killed} times")


if __name__ == "__main__":
    main()
