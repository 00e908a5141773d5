package simd

import (
	"fmt"
	"os"
	"strings"
)

// Level is an instruction set the kernels are written for.
type Level int

// The levels, weakest first.
const (
	None   Level = iota // portable Go
	AVX2                // 256-bit AVX2 and FMA
	AVX512              // 512-bit AVX-512 F, BW, DQ and VL
)

// String returns the word GRAFT_SIMD uses for l.
func (l Level) String() string {
	switch l {
	case None:
		return "none"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return fmt.Sprintf("Level(%d)", int(l))
}

// Levels returns the levels this machine can run, weakest first; None is always among them.
func Levels() []Level {
	levels := []Level{None}
	for _, l := range []Level{AVX2, AVX512} {
		if supported(l) {
			levels = append(levels, l)
		}
	}
	return levels
}

// Active returns the level this process runs at.
func Active() Level { return active.level }

// active is the table of the level in use. It is set once, here, and never changes.
var active = mustChoose(os.Getenv("GRAFT_SIMD"))

func mustChoose(word string) *kernels {
	l, err := choose(word, Levels())
	if err != nil {
		panic(err.Error())
	}
	return tableOf(l)
}

// choose returns the level GRAFT_SIMD asks for, or the strongest of levels if the variable is empty.
func choose(word string, levels []Level) (Level, error) {
	if word == "" {
		return levels[len(levels)-1], nil
	}
	var have []string
	for _, l := range levels {
		if l.String() == word {
			return l, nil
		}
		have = append(have, l.String())
	}
	for _, l := range []Level{None, AVX2, AVX512} {
		if l.String() == word {
			return None, fmt.Errorf("simd: GRAFT_SIMD=%s: this machine cannot run %s; set one of %s, or unset the variable",
				word, word, strings.Join(have, ", "))
		}
	}
	return None, fmt.Errorf("simd: GRAFT_SIMD=%s: no such level; the levels are avx512, avx2 and none, and this machine can run %s",
		word, strings.Join(have, ", "))
}
