package main

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"graft": main})
}

// TestScripts plays the sessions in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GRAFT_SIMD", os.Getenv("GRAFT_SIMD"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":       runCommand,
			"gzip":      gzipCommand,
			"truncate":  truncateCommand,
			"header":    headerCommand,
			"await":     awaitCommand,
			"append":    appendCommand,
			"serve":     serveCommand,
			"table":     tableCommand,
			"reader":    readerCommand,
			"people":    peopleCommand,
			"nottext":   notTextCommand,
			"pictures":  picturesCommand,
			"picture":   pictureCommand,
			"movements": movementsCommand,
			"joints":    jointsCommand,
			"drawing":   drawingCommand,
			"cifar":     cifarCommand,
		},
		Condition: condition,
	})
}

// runCommand runs graft: "run CODE ARGUMENTS" wants that exit code.
func runCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: run CODE ARGUMENTS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("graft", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// gzipCommand compresses a file: "gzip FILE" makes FILE.gz.
func gzipCommand(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	f, err := os.Create(ts.MkAbs(args[0] + ".gz"))
	ts.Check(err)
	w := gzip.NewWriter(f)
	_, err = w.Write([]byte(text))
	ts.Check(errors.Join(err, w.Close(), f.Close()))
}

// truncateCommand cuts a file: "truncate FILE BYTES" takes so many off its end.
func truncateCommand(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()-int64(n)))
}

// headerCommand lies about the length of a safetensors header: "header FILE LENGTH".
func headerCommand(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteAt(binary.LittleEndian.AppendUint64(nil, n), 0)
	ts.Check(errors.Join(err, f.Close()))
}

// awaitCommand waits until a file is there and not empty: "await FILE".
func awaitCommand(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s did not come within a minute", args[0])
}

// appendCommand adds a file to another: "append FILE OTHER".
func appendCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o666))
}
