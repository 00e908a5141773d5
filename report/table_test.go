package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func ExampleTable_Write() {
	t := Table{Title: "csl-grit, best epoch 12", Columns: []Column{{Key: "split"}, {Key: "mae", Heading: "MAE", Right: true}, {Key: "seconds", Heading: "time", Right: true}}}
	t.Add("val", 0.194831234, 1500*time.Millisecond)
	t.Add("test", 0.2, 62*time.Second)
	_ = t.Write(os.Stdout, Text)
	_ = t.Write(os.Stdout, JSON)
	// Output:
	// csl-grit, best epoch 12
	// ┌───────┬──────────┬───────┐
	// │ split │      MAE │  time │
	// ├───────┼──────────┼───────┤
	// │ val   │ 0.194831 │  1.5s │
	// │ test  │      0.2 │ 1m02s │
	// └───────┴──────────┴───────┘
	// {"split":"val","mae":0.194831234,"seconds":1.5}
	// {"split":"test","mae":0.2,"seconds":62}
}

func TestJSONIsOneObjectARow(t *testing.T) {
	table := Table{Columns: []Column{{Key: "name"}, {Key: "v"}, {Key: "list"}, {Key: "cell"}}}
	table.Add("a \"quoted\"\nname", math.NaN(), []string{"x", "y"}, Cell{"1,000 graphs", 1000})
	table.Add(nil, float64(1)/3, nil, Cell{"∞", math.Inf(1)})
	var b bytes.Buffer
	if err := table.Write(&b, JSON); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"a \"quoted\"\nname","v":null,"list":["x","y"],"cell":1000}` + "\n" +
		`{"name":null,"v":0.3333333333333333,"list":null,"cell":null}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	table.Rows[0][1] = make(chan int)
	if err := table.Write(&b, JSON); err == nil || !strings.Contains(err.Error(), "row 0, column v") {
		t.Errorf("a channel: %v", err)
	}
}

func TestTableText(t *testing.T) {
	table := Table{Columns: []Column{{Key: "name"}, {Key: "about", Wrap: 12}, {Key: "n", Right: true}}}
	table.Add("long", "several words that wrap", Cell{"1,000", 1000})
	table.Add("empty", nil, []string{"a", "b"})
	var b bytes.Buffer
	if err := table.Write(&b, Text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"│ name ", "│ long  │ several      │ 1,000 │", "│ empty │              │  a, b │"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if err := table.Write(broken{}, Text); !errors.Is(err, errBroken) {
		t.Errorf("broken writer: %v", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestAddPanics(t *testing.T) {
	defer func() {
		if got, want := recover(), "report: Table.Add: 1 values for 2 columns"; got != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}()
	(&Table{Columns: make([]Column, 2)}).Add(1)
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 1: "1", -2.5: "-2.5", 0.194831234: "0.194831", 100: "100", 1.0 / 3: "0.333333", 1e-5: "0.00001", 9.99e-6: "9.99e-06",
		123456.7: "123457", 1234567: "1.23457e+06", math.Inf(1): "+Inf", 0.9999999: "1", 12.3456789: "12.3457",
	} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %s, want %s", v, got, want)
		}
	}
	if got := Number(math.NaN()); got != "NaN" {
		t.Errorf("Number(NaN) = %s", got)
	}
	for d, want := range map[time.Duration]string{
		0: "0ms", 1500 * time.Microsecond: "2ms", 1234 * time.Millisecond: "1.2s", 59600 * time.Millisecond: "1m00s", 42 * time.Second: "42s",
		185 * time.Second: "3m05s", 7620 * time.Second: "2h07m", 99 * time.Hour: "4d03h", -time.Minute: "-1m00s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %s, want %s", d, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 473473: "473,473", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, name := range FormatNames() {
		if f, err := ParseFormat(name); err != nil || f.String() != name {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	_, err := ParseFormat("jsn")
	if want := `report: unknown format "jsn"; did you mean "json"? (known: text, json, markdown, csv)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
