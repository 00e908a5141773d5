package fetch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// counted is how many bytes an attempt must bring not to count as failed.
const counted = 1 << 20

// download fetches a file, verifies it and gives it its name.
func (w *work) download(ctx context.Context, f File) (sums, error) {
	path := w.path(f.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return sums{}, diskError(filepath.Dir(path), err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return sums{}, fmt.Errorf("fetch: %s: a folder stands where the file is wanted: move it away", path)
	}
	fail := func(err error, reason string) error {
		return &FileError{Item: w.item.Name, File: f, Path: path, Reason: reason, Err: err}
	}
	urls := w.addresses(f)
	if len(urls) == 0 {
		return sums{}, fail(nil, "it has no address to be fetched from")
	}
	p := openPart(path + ".part")
	var reasons []string
	var last error
	for _, address := range urls {
		s, err := w.fromURL(ctx, f, address, p)
		if err == nil {
			return s, w.publish(p, path)
		}
		var answer *answerError
		var wrong *ChecksumError
		switch {
		case ctx.Err() != nil:
			return sums{}, fmt.Errorf("fetch: %s: %s: %w; what arrived is kept, the next call goes on from there", w.item.Name, f.Name, ctx.Err())
		case errors.As(err, &answer):
			reasons = append(reasons, answer.Error())
		case errors.As(err, &wrong):
			if len(urls) == 1 {
				return sums{}, err
			}
			reasons = append(reasons, fmt.Sprintf("%s: %s is %s, expected %s", host(address), wrong.Kind, wrong.Got, wrong.Want))
		default:
			return sums{}, err // the disk's, which no other address will help
		}
		last = err
	}
	return sums{}, fail(last, strings.Join(reasons, "; then "))
}

// addresses lists where to ask for a file.
func (w *work) addresses(f File) []string {
	if w.Mirror == "" {
		return f.URLs
	}
	parts := strings.Split(w.item.folder()+"/"+f.Name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return append([]string{strings.TrimSuffix(w.Mirror, "/") + "/" + strings.Join(parts, "/")}, f.URLs...)
}

// fromURL tries one address until the file is there and right, or there is no hope.
func (w *work) fromURL(ctx context.Context, f File, address string, p *part) (sums, error) {
	pause := w.Pause
	mixed := p.resumable(address) // bytes of an earlier call are in it
	for try := 1; ; {
		before := p.have
		err := w.attempt(ctx, f, address, p)
		if err == nil {
			s, err := w.arrived(ctx, f, p)
			var wrong *ChecksumError
			if errors.As(err, &wrong) && mixed {
				// The server said that the rest belongs to what was there. It does not.
				mixed = false
				_ = os.Remove(wrong.Kept)
				continue
			}
			return s, err
		}
		var answer *answerError
		if ctx.Err() != nil || !errors.As(err, &answer) || !answer.passing {
			return sums{}, err
		}
		mixed = mixed || p.have > 0
		if p.have-before >= counted {
			try, pause = 1, w.Pause
		}
		if try >= w.Tries {
			answer.tries = try
			return sums{}, answer
		}
		wait := max(pause/2+rand.N(pause/2+1), min(answer.after, longestPause))
		w.tell(f.Name, Retrying, p.have, f.Size, fmt.Sprintf("%s; again in %s (attempt %d of %d)", answer, wait.Round(time.Millisecond), try+1, w.Tries))
		if err := sleep(ctx, wait); err != nil {
			return sums{}, err
		}
		try, pause = try+1, min(2*pause, longestPause)
	}
}

// arrived verifies a complete partial file; a wrong one is put aside.
func (w *work) arrived(ctx context.Context, f File, p *part) (sums, error) {
	s, err := w.hash(ctx, p.path, f.Name)
	if err != nil {
		if ctx.Err() != nil {
			return sums{}, ctx.Err()
		}
		return sums{}, diskError(p.path, err)
	}
	path := w.path(f.Name)
	err = w.verify(f, path, s)
	var wrong *ChecksumError
	if errors.As(err, &wrong) {
		if os.Rename(p.path, path+".bad") == nil {
			wrong.Kept = path + ".bad"
		}
		p.drop()
	}
	return s, err
}

// publish gives a verified file its name.
func (w *work) publish(p *part, path string) error {
	if err := w.disk.Rename(p.path, path); err != nil {
		return diskError(path, err)
	}
	p.drop()
	return nil
}
