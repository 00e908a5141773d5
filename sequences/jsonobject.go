package sequences

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// jsonObject is a JSON object whose values are yet to be read.
type jsonObject map[string]json.RawMessage

// readObject reads one JSON object of at most limit bytes, no key of which stands twice, and nothing after it.
func readObject(r io.Reader, limit int64) (jsonObject, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("it is longer than %d bytes: is it the right file?", limit)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	fail := func(err error) error {
		line := 1 + bytes.Count(text[:min(int(dec.InputOffset()), len(text))], []byte("\n"))
		if errors.Is(err, io.EOF) {
			err = errors.New("it ends too early")
		}
		return fmt.Errorf("line %d: %w", line, err)
	}
	if t, err := dec.Token(); err != nil {
		return nil, fail(err)
	} else if t != json.Delim('{') {
		return nil, fail(errors.New("want a JSON object"))
	}
	o := jsonObject{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, fail(err)
		}
		name := key.(string) // the decoder lets nothing else stand here
		if _, twice := o[name]; twice {
			return nil, fail(fmt.Errorf("%q stands twice", name))
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fail(err)
		}
		o[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, fail(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fail(errors.New("something follows the object"))
	}
	return o, nil
}

// has tells whether there is a value that is not null.
func (o jsonObject) has(name string) bool {
	v, ok := o[name]
	return ok && string(v) != "null"
}

// whole returns the whole number of this name, from least on, or what stands for one that is not there.
func (o jsonObject) whole(name string, least, otherwise int) (int, error) {
	if !o.has(name) {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(string(o[name]), 10, 32)
	if err != nil || int(n) < least {
		return 0, fmt.Errorf("%s is %.40s: want a whole number from %d to %d", name, o[name], least, math.MaxInt32)
	}
	return int(n), nil
}

// positive returns the positive number of this name, or what stands for one that is not there.
func (o jsonObject) positive(name string, otherwise float64) (float64, error) {
	if !o.has(name) {
		return otherwise, nil
	}
	x, err := strconv.ParseFloat(string(o[name]), 64)
	if err != nil || !(x > 0) {
		return 0, fmt.Errorf("%s is %.40s: want a positive number", name, o[name])
	}
	return x, nil
}

// truth returns the boolean of this name, false for one that is not there.
func (o jsonObject) truth(name string) (bool, error) {
	switch string(o[name]) {
	case "", "null", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fmt.Errorf("%s is %.40s: want true or false", name, o[name])
}

// text returns the string of this name, or what stands for one that is not there.
func (o jsonObject) text(name, otherwise string) (string, error) {
	if !o.has(name) {
		return otherwise, nil
	}
	var s string
	if err := json.Unmarshal(o[name], &s); err != nil {
		return "", fmt.Errorf("%s is %.40s: want a string", name, o[name])
	}
	return s, nil
}
