package train

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/graft-ml/graft/train/checkpoint"
)

// childDir is the environment variable that makes the test binary a process that trains, in the folder it names.
const childDir = "GRAFT_TRAIN_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

const (
	kills     = 20
	killSteps = 400
)

// killOptions save at every step of 80 epochs.
func killOptions(dir string) Options {
	o := toyOptions(dir)
	o.Epochs, o.CheckpointSteps = killSteps/toySteps, 1
	return o
}

// child trains and writes a line at the start and at each step.
func child(dir string) int {
	o := killOptions(dir)
	o.Hooks.OnStart = func(s StartInfo) error {
		fmt.Println("start", s.StepsDone)
		return nil
	}
	o.Hooks.OnStep = func(s StepInfo) error {
		fmt.Println("step", s.Step)
		return nil
	}
	_, err := Fit(context.Background(), toyTask(), o)
	if errors.Is(err, ErrRunExists) {
		_, err = Resume(context.Background(), toyTask(), o, dir)
	}
	if err != nil {
		fmt.Println("failed:", err)
		return 1
	}
	return 0
}

// session starts a child and kills it a random moment after it has done the given number of steps; with steps below 0
// it lets the child end. It returns whether the child was killed.
func session(t *testing.T, dir string, steps int, moment time.Duration) (killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := ""
	lines := bufio.NewScanner(out)
	for n := 0; (steps < 0 || n < steps) && lines.Scan(); n++ {
		last = lines.Text()
	}
	if steps >= 0 {
		timer := time.NewTimer(moment)
		<-timer.C
		cmd.Process.Kill() // SIGKILL: the child cannot do anything about it
	}
	for lines.Scan() {
		last = lines.Text()
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		t.Fatalf("the child failed: %s", last)
	}
	return err != nil
}

// TestKill kills a training process at random moments, resumes it each time, and compares with one that was left alone.
func TestKill(t *testing.T) {
	most := kills
	if testing.Short() {
		most = 4
	}
	want := whole(t, func(_ *Task, o *Options) { *o = killOptions(o.Dir) })
	dir := t.TempDir()
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	for killed := 0; killed < most; {
		if session(t, dir, rng.IntN(6), time.Duration(rng.IntN(4000))*time.Microsecond) {
			killed++
		} else {
			t.Fatalf("the child ended by itself after %d kills: make killSteps larger", killed)
		}
		s, note, err := checkpoint.Dir{Path: dir}.Load(checkpoint.Last)
		if errors.Is(err, fs.ErrNotExist) {
			continue // killed before the first checkpoint
		}
		if err != nil || note != "" && !missing(dir, LastName) {
			t.Fatalf("after kill %d: checkpoint %v: %s, %v", killed, s != nil, note, err)
		}
		if !missing(dir, BestName) {
			if _, err := LoadWeights(filepath.Join(dir, BestName), newToyModel(1)); err != nil {
				t.Fatalf("after kill %d: %v", killed, err)
			}
		}
	}
	session(t, dir, -1, 0)
	o := killOptions("")
	task := toyTask()
	r, err := Resume(context.Background(), task, o, dir) // of a complete run: its result
	if err != nil {
		t.Fatal(err)
	}
	outcomeOf(t, dir, task.Model, r).mustEqual(t, want)
}

func missing(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return errors.Is(err, fs.ErrNotExist)
}
