package peakmemory

import "syscall"

// Bytes returns the most memory that this process has had, in bytes.
func Bytes() (int64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return usage.Maxrss, nil
}
