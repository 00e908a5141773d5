package trial

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestSettings fills in defaults and refuses numbers out of range.
func TestSettings(t *testing.T) {
	of := func(steps, from int, lr, share float64, interval time.Duration) (Settings, []any) {
		return Settings{
			Wholes:   []Whole{{Name: "Steps", Value: &steps, Least: 1, Default: 7}, {Name: "From", Value: &from, Least: -1}},
			Numbers:  []Number{{Name: "LR", Value: &lr, Default: 0.5}, {Name: "Share", Value: &share, Most: 1}},
			Interval: &interval,
		}, []any{&steps, &from, &lr, &share, &interval}
	}
	s, values := of(0, 0, 0, 0, 0)
	s.Fill()
	var got []any
	for _, v := range values {
		got = append(got, reflect.ValueOf(v).Elem().Interface())
	}
	if want := []any{7, 0, 0.5, 0.0, 5 * time.Minute}; !reflect.DeepEqual(got, want) || s.Check() != nil {
		t.Errorf("%v, %v; want %v", got, s.Check(), want)
	}
	for want, bad := range map[string]func() (Settings, []any){
		"Steps is -1: want at least 1":            func() (Settings, []any) { return of(-1, 0, 1, 1, 1) },
		"From is -2: want at least -1":            func() (Settings, []any) { return of(1, -2, 1, 1, 1) },
		"LR is -1: want a number from 0 to ":      func() (Settings, []any) { return of(1, 0, -1, 1, 1) },
		"Share is 1.5: want a number from 0 to 1": func() (Settings, []any) { return of(1, 0, 1, 1.5, 1) },
		"CheckpointInterval is -1ns: want a time": func() (Settings, []any) { return of(1, 0, 1, 1, -1) },
	} {
		s, _ := bad()
		if err := s.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestLists(t *testing.T) {
	for want, err := range map[string]error{
		"the task a is there twice":                                       Distinct("task", "a", "b", "a"),
		"the seed 4 is there twice":                                       DistinctSeeds([]uint64{4, 1, 4}),
		"size 3 after 5: want the smallest first, each once":              Ascending("size", []int{5, 3}),
		"a result without scores":                                         CheckExams("size", 0, nil),
		"2 of 1 right at size 3 is no score that can follow those before": CheckExams("size", 1, func(int) Exam { return Exam{3, 2, 1} }),
		"1 of 1 right at size 3 is no score that can follow those before": CheckExams("size", 2, func(int) Exam { return Exam{3, 1, 1} }),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := errors.Join(Distinct("task", "a", "b"), DistinctSeeds([]uint64{1, 2}), Ascending("size", []int{1, 2}),
		CheckExams("size", 2, func(i int) Exam { return Exam{i, 0, 1} })); err != nil {
		t.Error(err)
	}
}

// TestFillCells has those told first that are kept, and the others done, and returns all in their order.
func TestFillCells(t *testing.T) {
	var told, did, done []int
	fill := func(stop int) (err error) {
		told, did = nil, nil
		done, err = FillCells(5, []int{30, 10, 70}, func(i int, c *int) bool { return *c == 10*i }, func(i, at, left int) (int, error) {
			did = append(did, i, at, left)
			if i == stop {
				return -1, errors.New("stopped")
			}
			return 10 * i, nil
		}, func(c int) error {
			told = append(told, c)
			if c == 100-10*stop {
				return errors.New("refused")
			}
			return nil
		})
		return err
	}
	if err := fill(20); err != nil || !reflect.DeepEqual(told, []int{10, 30, 0, 20, 40}) || !reflect.DeepEqual(did, []int{0, 1, 3, 2, 2, 3, 4, 3, 3}) || !reflect.DeepEqual(done, []int{0, 10, 20, 30, 40}) {
		t.Errorf("told %v, did %v, %v, %v", told, did, done, err)
	}
	if err := fill(2); err == nil || err.Error() != "stopped" || !reflect.DeepEqual(told, []int{10, 30, 0}) || !reflect.DeepEqual(done, []int{0, 10, 30}) {
		t.Errorf("told %v, %v, %v", told, done, err)
	}
	if err := fill(9); err == nil || err.Error() != "refused" || !reflect.DeepEqual(told, []int{10}) || !reflect.DeepEqual(done, []int{10, 30}) {
		t.Errorf("told %v, %v, %v", told, done, err)
	}
	if all, err := FillCells(1, nil, nil, func(int, int, int) (string, error) { return "a", nil }, nil); err != nil || !reflect.DeepEqual(all, []string{"a"}) {
		t.Errorf("%v, %v", all, err)
	}
}

func TestDifference(t *testing.T) {
	for want, text := range map[string][2]string{
		`"a: 1" there, "a: 2" asked for`:       {"a: 1\nb: 2\n", "a: 2\nb: 2\n"},
		`"c: 3" there, which is not asked for`: {"a: 1\nb:\n  c: 3\nd: 4\n", "a: 1\nb:\nd: 4\n"},
		`"c: 3" asked for, which is not there`: {"a: 1\n", "a: 1\nc: 3\n"},
		"they are in another order":            {"a: 1\nb: 2\n", "b: 2\na: 1\n"},
		`"a: 1" there, "a: 2" asked for, "b: 1" there, "b: 2" asked for, "c: 1" there, "c: 2" asked for, and 1 more`: {"a: 1\nb: 1\nc: 1\nd: 1\n", "a: 2\nb: 2\nc: 2\nd: 2\n"},
	} {
		if got := difference([]byte(text[0]), []byte(text[1])); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
