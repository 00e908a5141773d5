//go:build unix

package processortime

import "syscall"

// Seconds returns the time that processors have worked for this process so far, in the program and in the system for it.
func Seconds() (float64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9, nil
}
