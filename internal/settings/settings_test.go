package settings

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

type size struct{ Rows, Cols int }

type speed int

func (s *speed) UnmarshalText(text []byte) error {
	if string(text) != "fast" {
		return errors.New("no speed")
	}
	*s = 1
	return nil
}

type base struct{ Width int }

type thing struct {
	base
	Name   fmt.Stringer
	MaxLen int
	NoNorm bool
	Rate   float64
	Shape  []int
	Pair   [2]float64
	Size   size
	Speed  speed
	Other  func()
}

func (thing) String() string { return "" }

func reader() Reader {
	return Reader{
		Unknown: func(name string, known []string) error {
			return fmt.Errorf("no %s among %s", name, strings.Join(known, " "))
		},
		Interface: func(text string) (any, error) {
			if text != "thing" {
				return nil, errors.New("no thing")
			}
			return thing{}, nil
		},
	}
}

func TestApply(t *testing.T) {
	before := thing{Rate: 3}
	got, err := reader().Apply(before, []string{"width=4", "name=thing", "max-len=7", "no-norm", "rate=1.5", "shape=3x4x5", "pair=1x2.5", "size.cols=9", "speed=fast"})
	want := thing{base: base{4}, Name: thing{}, MaxLen: 7, NoNorm: true, Rate: 1.5, Shape: []int{3, 4, 5}, Pair: [2]float64{1, 2.5}, Size: size{Cols: 9}, Speed: 1}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if before.Rate != 3 || before.MaxLen != 0 {
		t.Errorf("the struct itself is changed: %+v", before)
	}
}

func TestRefusals(t *testing.T) {
	for setting, part := range map[string]string{
		"depth=3": "no depth among width name max-len", "size.depth=3": "no depth among rows cols", "max-len": "max-len=a whole number",
		"max-len=x": "a whole number", "rate=x": "a number", "no-norm=x": "true or false", "shape=3xx": "joined by x", "pair=1": "2 numbers",
		"size=3": "after a dot", "max-len.x=3": "has no parts", "speed=slow": "one of its names", "name=x": "setting name is \"x\"", "other=x": "only a program",
	} {
		if _, err := reader().Apply(thing{}, []string{setting}); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want a word of %s", setting, err, part)
		}
	}
	r := reader()
	r.Interface = nil
	if _, err := r.Apply(thing{}, []string{"name=thing"}); err == nil {
		t.Error("an interface is set by a reader that knows none")
	}
}

func TestKebab(t *testing.T) {
	for name, want := range map[string]string{"MaxLength": "max-length", "NTK": "ntk", "RoPE": "rope", "NTKScale": "ntk-scale", "Steps": "steps", "UseRoPE": "use-rope"} {
		if got := Kebab(name); got != want {
			t.Errorf("Kebab(%s) = %s, want %s", name, got, want)
		}
	}
}
