package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/graft-ml/graft/datasets/fetch"
)

// serveCommand serves a folder as a mirror: "serve DIR" sets $MIRROR to its address.
func serveCommand(ts *testscript.TestScript, _ bool, args []string) {
	s := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
	ts.Defer(s.Close)
	ts.Setenv("MIRROR", s.URL)
}

// storedTable is the path of a table of MoleculeNet among the data for tests, or "".
func storedTable(name string) string {
	for _, root := range []string{os.Getenv("GRAFT_DATA"), filepath.Join("..", "..", "..", "shared", "data")} {
		for _, dir := range []string{"moleculenet", filepath.Join("graphs", "moleculenet")} {
			path, err := filepath.Abs(filepath.Join(root, dir, name+".csv.gz"))
			if err != nil || root == "" {
				continue
			}
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	return ""
}

// tableCommand makes the official table of a stored one: "table NAME FILE", with the line
// ends of Windows after -crlf.
func tableCommand(ts *testscript.TestScript, _ bool, args []string) {
	crlf := args[0] == "-crlf"
	if crlf {
		args = args[1:]
	}
	f, err := os.Open(storedTable(args[0]))
	ts.Check(err)
	defer f.Close()
	unzip, err := gzip.NewReader(f)
	ts.Check(err)
	text, err := io.ReadAll(unzip)
	ts.Check(err)
	if crlf {
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	path := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, text, 0o644))
}

// condition tells whether [tables] holds: that the tables of MoleculeNet are there.
func condition(name string) (bool, error) {
	if name == "tables" {
		return storedTable("esol") != "" && storedTable("freesolv") != "", nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// TestTransfers holds the lines that tell of progress where there is no terminal.
func TestTransfers(t *testing.T) {
	var out strings.Builder
	show := newTransfers(&program{errOut: &out})
	for _, p := range []fetch.Progress{
		{Item: "toy", Stage: fetch.Waiting, Note: "for process 7"},
		{Item: "toy", File: "a", Stage: fetch.Connecting, Note: "example.invalid"},
		{Item: "toy", File: "a", Stage: fetch.Downloading, Done: 10, Total: 20},
		{Item: "toy", File: "a", Stage: fetch.Retrying, Note: "example.invalid: it is tired"},
		{Item: "toy", File: "a", Stage: fetch.Connecting, Done: 12_000, Note: "example.invalid"},
		{Item: "toy", File: "a", Stage: fetch.Connecting, Done: 12_000, Note: "example.invalid"},
		{Item: "toy", File: "a", Stage: fetch.Verifying, Done: 10, Total: 20},
	} {
		show.progress(p)
	}
	want := "toy: waiting for process 7\ntoy: a: from example.invalid\ntoy: a: trying again: example.invalid: it is tired\ntoy: a: from example.invalid, from 12 kB on\n"
	if out.String() != want {
		t.Errorf("told\n%swant\n%s", out.String(), want)
	}
	one := &fetch.FileError{Item: "toy", File: fetch.File{Name: "a"}, Reason: "gone"}
	if got := fetchError(one); !errors.As(got, &one) || !strings.HasPrefix(got.Error(), "toy: a: gone") {
		t.Error(got)
	}
	if got := fetchError(errors.Join(one, one)).Error(); strings.Count(got, "toy: a: gone") != 2 || !strings.Contains(got, "\ngraft: toy: ") {
		t.Error(got)
	}
}
