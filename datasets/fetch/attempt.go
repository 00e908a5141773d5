package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answerError is what a server, or the way to it, did wrong.
type answerError struct {
	host    string
	reason  string
	passing bool          // another attempt may succeed
	after   time.Duration // that the server asks to wait
	tries   int           // how often it was tried; 0: once
	err     error
}

func (e *answerError) Error() string {
	s := e.host + ": " + e.reason
	if e.tries > 1 {
		s += fmt.Sprintf(" (tried %d times)", e.tries)
	}
	return s
}

func (e *answerError) Unwrap() error { return e.err }

// errStalled ends a request whose server is silent.
var errStalled = errors.New("the server sends nothing")

// attempt asks an address once for what is missing of a file.
func (w *work) attempt(ctx context.Context, f File, address string, p *part) error {
	if p.have > 0 && (!p.resumable(address) || f.Size > 0 && p.have > f.Size) {
		p.drop()
	}
	if p.have > 0 && p.have == f.Size {
		return nil // only renaming was left to do
	}
	w.tell(f.Name, Connecting, p.have, f.Size, host(address))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(w.Stall, func() { cancel(errStalled) })
	defer stall.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return &answerError{host: host(address), reason: err.Error(), err: err}
	}
	request.Header.Set("User-Agent", "graft")
	request.Header.Set("Accept-Encoding", "identity")
	if p.have > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(p.have, 10)+"-")
		request.Header.Set("If-Range", p.from.strong())
	}
	answer, err := w.http.Do(request)
	if err != nil {
		return w.lost(ctx, address, err)
	}
	defer answer.Body.Close()
	if err := w.accept(f, address, answer, p); err != nil {
		return err
	}
	if p.from.Total >= 0 && p.have == p.from.Total && p.have > 0 {
		return nil // the server says that nothing is missing
	}
	return w.receive(ctx, f, address, answer.Body, p, stall)
}

// accept looks at the head of an answer and makes the partial file ready for its body.
func (w *work) accept(f File, address string, answer *http.Response, p *part) error {
	refuse := func(passing bool, format string, args ...any) error {
		return &answerError{host: host(address), reason: fmt.Sprintf(format, args...), passing: passing}
	}
	if code := answer.Header.Get("Content-Encoding"); code != "" && code != "identity" {
		return refuse(false, "it sends the file compressed (%.40q), which was not asked for", code)
	}
	total := answer.ContentLength
	switch answer.StatusCode {
	case http.StatusOK:
		p.drop() // all of it comes: there was nothing, or the file has changed, or ranges are not known here
	case http.StatusPartialContent:
		first, whole, ok := contentRange(answer.Header.Get("Content-Range"))
		if !ok || p.have == 0 || first != p.have || !p.from.same(versionOf(address, answer.Header, whole)) {
			p.drop()
			return refuse(true, "it sends another part than the one asked for (%.80q)", answer.Header.Get("Content-Range"))
		}
		total = whole
	case http.StatusRequestedRangeNotSatisfiable:
		_, whole, ok := contentRange(answer.Header.Get("Content-Range"))
		// Were it another version, all of it would have come: the request had If-Range.
		if ok && whole == p.have {
			p.from.Total = whole
			return nil
		}
		p.drop()
		return refuse(true, "it has no such part of the file, so the file has changed")
	default:
		return w.status(address, answer)
	}
	if total >= 0 && f.Size > 0 && total != f.Size {
		p.drop()
		return refuse(false, "it offers a file of %d bytes, expected %d%s", total, f.Size, page(answer))
	}
	if total > f.most() {
		p.drop()
		return refuse(false, "it offers a file of %d bytes, more than the %d that are accepted", total, f.most())
	}
	if answer.StatusCode == http.StatusOK {
		if err := p.begin(versionOf(address, answer.Header, total)); err != nil {
			return diskError(p.path, err)
		}
	}
	return nil
}

// page remarks that a web page came instead of a file.
func page(answer *http.Response) string {
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return "; it is a web page: the file has moved, or the network wants a login"
	}
	return ""
}

// contentRange reads "bytes FIRST-LAST/WHOLE", where LAST must be the end, or
// "bytes */WHOLE"; whole is -1 for "*".
func contentRange(s string) (first, whole int64, ok bool) {
	s, isBytes := strings.CutPrefix(s, "bytes ")
	part, size, found := strings.Cut(s, "/")
	if !isBytes || !found {
		return 0, 0, false
	}
	whole = -1
	if size != "*" {
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		whole = n
	}
	if part == "*" {
		return -1, whole, whole >= 0
	}
	from, to, found := strings.Cut(part, "-")
	a, err := strconv.ParseInt(from, 10, 64)
	b, err2 := strconv.ParseInt(to, 10, 64)
	if !found || err != nil || err2 != nil || a < 0 || b < a || whole >= 0 && b != whole-1 {
		return 0, 0, false
	}
	return a, whole, true
}

// receive writes a body behind what is there.
func (w *work) receive(ctx context.Context, f File, address string, body io.Reader, p *part, stall *time.Timer) (err error) {
	out, err := w.disk.Append(p.path)
	if err != nil {
		return diskError(p.path, err)
	}
	defer func() {
		if e := out.Close(); e != nil && err == nil {
			err = diskError(p.path, e)
		}
	}()
	// What stands behind the bytes that were noted is of no known origin.
	if err := out.Truncate(p.have); err != nil {
		return diskError(p.path, err)
	}
	total := max(p.from.Total, f.Size, 0)
	buf := make([]byte, block)
	for {
		stall.Reset(w.Stall)
		n, failed := body.Read(buf)
		if p.have+int64(n) > f.most() {
			p.drop()
			return &answerError{host: host(address), reason: fmt.Sprintf("it sends more than the %d bytes that are accepted", f.most())}
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return diskError(p.path, err)
		}
		p.have += int64(n)
		w.asked += int64(n)
		if n > 0 {
			w.tell(f.Name, Downloading, p.have, total, "")
		}
		switch {
		case failed == io.EOF && total > 0 && p.have < total:
			return &answerError{host: host(address), reason: fmt.Sprintf("it stopped after %d of %d bytes", p.have, total), passing: true}
		case failed == io.EOF:
			stall.Stop()
			if err := out.Sync(); err != nil {
				return diskError(p.path, err)
			}
			return nil
		case failed != nil:
			return w.lost(ctx, address, failed)
		}
	}
}

// lost tells why there was no answer, or no more of it.
func (w *work) lost(ctx context.Context, address string, err error) error {
	e := &answerError{host: host(address), passing: true, err: err}
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var operation *net.OpError
	switch refused := redirected(err); {
	case context.Cause(ctx) == errStalled:
		e.reason = fmt.Sprintf("it has sent nothing for %s", w.Stall)
	case ctx.Err() != nil:
		return ctx.Err()
	case refused != nil:
		e.reason, e.passing = refused.reason, false
	case errors.As(err, &certificate):
		e.reason, e.passing = "its certificate cannot be trusted: "+certificate.Err.Error(), false
	case errors.As(err, &dns):
		e.reason, e.passing = "there is no way to it: "+dns.Name+": "+dns.Err, !dns.IsNotFound
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.reason = "the connection was cut"
	case errors.As(err, &operation):
		e.reason = "the connection failed: " + operation.Err.Error()
	default:
		cause := err
		var request *url.Error
		if errors.As(err, &request) {
			cause = request.Err
		}
		e.reason = "the request failed: " + cause.Error()
	}
	return e
}
