package peakmemory

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Bytes returns the most memory that this process has had, in bytes. It is read from the kernel's status file:
// getrusage counts in the parent, whose memory a new process shares until it runs its program.
func Bytes() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	return parsePeak(text)
}

// parsePeak finds the line "VmHWM:   12345 kB".
func parsePeak(status []byte) (int64, error) {
	for line := range bytes.Lines(status) {
		rest, found := strings.CutPrefix(string(line), "VmHWM:")
		if !found {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 2 && fields[1] == "kB" {
			if kib, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				return kib << 10, nil
			}
		}
		return 0, fmt.Errorf("/proc/self/status: cannot read %.40q", line)
	}
	return 0, errors.New("/proc/self/status: there is no line VmHWM: the kernel does not tell the peak memory")
}
