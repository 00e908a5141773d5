package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestStatus(t *testing.T) {
	data := []byte("the data")
	s := newServer(t)
	for _, c := range []struct {
		code  int
		tries int
		want  string
	}{
		{404, 1, "it answers 404 Not Found: the file is not at this address any more"},
		{410, 1, "410 Gone: the file is not at this address any more"},
		{401, 1, "401 Unauthorized: it does not give the file to everybody, or the network wants a login"},
		{403, 1, "403 Forbidden: it does not give the file to everybody"},
		{451, 1, "must not be given here"},
		{204, 1, "it answers 204 No Content, expected 200 OK"},
		{418, 1, "418 I'm a teapot, expected 200 OK"},
		{500, 4, "it answers 500 Internal Server Error (tried 4 times)"},
		{503, 4, "503 Service Unavailable"},
		{429, 4, "it is asked too often (tried 4 times)"},
	} {
		s.on("/a.bin", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(c.code) })
		err := refused(t, t.TempDir(), s.toy(data), quick(nil), c.want, "put it at ", sha(data))
		if got := len(strings.Split(s.requests(), ", ")); got != c.tries {
			t.Errorf("%d: asked %d times, want %d", c.code, got, c.tries)
		}
		var e *FileError
		if !errors.As(err, &e) || e.Item != "toy" || e.File.Name != "a.bin" {
			t.Errorf("%d: %#v", c.code, err)
		}
	}
	// Failures that pass.
	var told []string
	s.on("/a.bin", in(status(500), status(502), status(504), file(data, `"1"`)))
	get(t, t.TempDir(), s.toy(data), quick(&told))
	if text := strings.Join(told, "\n"); strings.Count(text, "retrying") != 3 || !strings.Contains(text, "500 Internal Server Error; again in ") || !strings.Contains(text, "(attempt 4 of 4)") {
		t.Errorf("told %s", text)
	}
	// Fewer tries.
	s.requests()
	o := quick(nil)
	o.Tries = 2
	s.on("/a.bin", status(500))
	refused(t, t.TempDir(), s.toy(data), o, "tried 2 times")
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "999999": time.Hour, "Wed, 01 Jan 2020 00:00:05 GMT": 5 * time.Second, "Wed, 01 Jan 2019 00:00:05 GMT": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	// A server that names a time is left alone for so long: the context ends first here.
	s := newServer(t)
	s.on("/a.bin", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(503)
	})
	ctx, cancel := context.WithCancel(context.Background())
	o := quick(nil)
	o.Progress = func(p Progress) {
		if p.Stage == Retrying {
			if !strings.Contains(p.Note, "again in 20s") {
				t.Errorf("told %q", p.Note)
			}
			cancel()
		}
	}
	if _, err := (Cache{Dir: t.TempDir()}).Get(ctx, s.toy([]byte("x")), o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRedirects(t *testing.T) {
	data := []byte("the data")
	plain, other := newServer(t), newServer(t)
	plain.on("/data", file(data, `"1"`))
	other.on("/data", file(data, `"1"`))
	safe := httptest.NewTLSServer(plain)
	defer safe.Close()
	for _, c := range []struct {
		name, from, to string
		want           string // "" if it works
	}{
		{"elsewhere on the server", plain.URL, "/data", ""},
		{"to another server", plain.URL, other.URL + "/data", ""},
		{"from http to https", plain.URL, safe.URL + "/data", ""},
		{"within https", safe.URL, "/data", ""},
		{"from https to http", safe.URL, other.URL + "/data", "it leads from https to 127.0.0.1"},
		{"to a file", plain.URL, "file:///etc/passwd", "which is neither https nor http"},
		{"with a password", plain.URL, "http://name:secret@127.0.0.1/data", "an address with a name and password"},
		{"to itself", plain.URL, "/a.bin", "it leads in a circle"},
		{"in a longer circle", plain.URL, "/back", "it leads in a circle"},
		{"on and on", plain.URL, "/on?1", "more than 6 redirects"},
		{"to nothing", plain.URL, "/gone", "404 Not Found"},
		{"to nothing elsewhere", plain.URL, other.URL + "/gone", "(sent on to 127.0.0.1"},
	} {
		plain.on("/a.bin", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, c.to, http.StatusFound) })
		plain.on("/back", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a.bin", http.StatusFound) })
		plain.on("/on", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/on?1"+r.URL.RawQuery, http.StatusFound)
		})
		item := plain.toy(data)
		item.Files[0].URLs[0] = c.from + "/a.bin"
		plain.requests()
		_, err := Cache{Dir: t.TempDir(), Transport: safe.Client().Transport}.Get(context.Background(), item, quick(nil))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", c.name, err)
		}
	}
}

// TestCertificate holds that a certificate of nobody knows whom is refused at once.
func TestCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of the refusal
	var asked atomic.Int32
	s.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	s.StartTLS()
	defer s.Close()
	item := Item{Name: "toy", Files: []File{{Name: "a", URLs: []string{s.URL}}}}
	refused(t, t.TempDir(), item, quick(nil), "its certificate cannot be trusted: ")
	if asked.Load() != 0 {
		t.Error("it was asked all the same")
	}
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	item := Item{Name: "toy", Files: []File{{Name: "a", URLs: []string{"http://" + address + "/a"}, SHA256: sha(nil)}}}
	refused(t, t.TempDir(), item, quick(nil), "a: "+address+": the connection failed: ", "refused (tried 4 times); without network: get http://"+address+"/a on another machine, put it at ")

	// What look-ups say.
	for want, cause := range map[string]error{
		"there is no way to it: data.invalid: no such host": &net.DNSError{Err: "no such host", Name: "data.invalid", IsNotFound: true},
		"the request failed: something":                     errors.New("something"),
		"the connection was cut":                            io.ErrUnexpectedEOF,
	} {
		tries := 0
		c := Cache{Dir: t.TempDir(), Transport: transport(func(*http.Request) (*http.Response, error) { tries++; return nil, cause })}
		if _, err := c.Get(context.Background(), item, quick(nil)); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, cause) {
			t.Errorf("%v, want %q", err, want)
		}
		var dns *net.DNSError
		if once := errors.As(cause, &dns); once != (tries == 1) {
			t.Errorf("%v: tried %d times", cause, tries)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestStall plays a server that falls silent, before the head and in the body.
func TestStall(t *testing.T) {
	data := bytesOf(10_000)
	s := newServer(t)
	silent := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if n > 0 {
				w.Header().Set("ETag", `"1"`)
				w.Header().Set("Content-Length", fmt.Sprint(len(data)))
				_, _ = w.Write(data[:n])
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}
	}
	for _, n := range []int{0, 4_000} {
		dir := t.TempDir()
		o := quick(nil)
		o.Stall, o.Tries = 100*time.Millisecond, 2
		s.on("/a.bin", silent(n))
		refused(t, dir, s.toy(data), o, "it has sent nothing for 100ms (tried 2 times)")
		s.requests()
		o.Stall = 20 * time.Second
		s.on("/a.bin", file(data, `"1"`))
		get(t, dir, s.toy(data), o)
		want := "/a.bin"
		if n > 0 {
			want = "/a.bin bytes=4000-"
		}
		if got := s.requests(); got != want {
			t.Errorf("after %d bytes: asked %s", n, got)
		}
	}
}

// TestCancel ends the context at every stage, and goes on afterwards.
func TestCancel(t *testing.T) {
	data := bytesOf(1_000_000)
	s := newServer(t)
	s.on("/a.bin", in(status(500), file(data, `"1"`)))
	for _, stage := range []Stage{Connecting, Retrying, Downloading, Verifying} {
		dir := t.TempDir()
		s.on("/a.bin", in(status(500), file(data, `"1"`)))
		ctx, cancel := context.WithCancel(context.Background())
		o := quick(nil)
		o.Progress = func(p Progress) {
			if p.Stage == stage {
				cancel()
			}
		}
		if _, err := (Cache{Dir: dir}).Get(ctx, s.toy(data), o); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: %v", stage, err)
		}
		if got := files(t, dir); strings.Contains(got+" ", "a.bin ") {
			t.Errorf("%v: files %s", stage, got)
		}
		get(t, dir, s.toy(data), quick(nil))
		if !bytes.Equal(content(t, dir, "toy", "a.bin"), data) {
			t.Errorf("%v: another content", stage)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Cache{Dir: t.TempDir()}).Get(ctx, s.toy(data), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestLongWay holds that attempts which bring much are not counted.
func TestLongWay(t *testing.T) {
	data := bytesOf(6 * counted)
	s := newServer(t)
	s.on("/a.bin", cut(data, `"1"`, counted+1000))
	o := quick(nil)
	o.Tries = 2
	get(t, t.TempDir(), s.toy(data), o)
	if got := len(strings.Split(s.requests(), ", ")); got != 6 {
		t.Errorf("asked %d times", got)
	}
}
