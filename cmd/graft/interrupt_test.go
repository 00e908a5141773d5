package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterruptCodes stops a run by signals: one saves, a second quits at once.
func TestInterruptCodes(t *testing.T) {
	for _, test := range []struct {
		name    string
		signals []os.Signal
		saved   bool
	}{
		{"interrupt", []os.Signal{os.Interrupt}, true},
		{"terminate", []os.Signal{syscall.SIGTERM}, true},
		{"both", []os.Signal{os.Interrupt, syscall.SIGTERM}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			// Steps of all 90 graphs take long enough for a second signal to come before one ends.
			cmd := exec.Command("graft", "train", "--out", dir, "--epochs", "500", "--set", "train.batchSize=90")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill() // where the test fails early
			for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
				if info, err := os.Stat(filepath.Join(dir, "log.jsonl")); err == nil && info.Size() > 0 {
					break
				}
				if time.Since(start) > time.Minute {
					t.Fatalf("no epoch within a minute; %s", stderr.String())
				}
			}
			for _, s := range test.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
				t.Errorf("%v, want exit code %d", err, exitInterrupted)
			}
			if saved := strings.Contains(stderr.String(), "everything is saved. Go on with:\n\n   graft train --resume "+dir+"\n"); saved != test.saved {
				t.Errorf("saved: %v, want %v; %s", saved, test.saved, stderr.String())
			}
		})
	}
}
