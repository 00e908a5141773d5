package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// redirects is how often an address may point elsewhere: those of the catalogue do so
// twice at most.
const redirects = 6

// redirectError is an answer that leads somewhere it must not.
type redirectError struct{ reason string }

func (e *redirectError) Error() string { return e.reason }

// client makes what asks the servers, and a function to close its idle connections.
func client(transport http.RoundTripper) (*http.Client, func()) {
	closeIdle := func() {}
	if transport == nil {
		own := &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:    30 * time.Second,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // bytes are to be counted and hashed as they are stored
			MaxResponseHeaderBytes: 1 << 20,
		}
		transport, closeIdle = own, own.CloseIdleConnections
	}
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}, closeIdle
}

// checkRedirect refuses to go from https to http, and in circles.
func checkRedirect(next *http.Request, before []*http.Request) error {
	switch {
	case next.URL.Scheme != "https" && next.URL.Scheme != "http":
		return &redirectError{fmt.Sprintf("it leads to %.200q, which is neither https nor http", next.URL.Redacted())}
	case next.URL.Scheme == "http" && before[0].URL.Scheme == "https":
		return &redirectError{fmt.Sprintf("it leads from https to %s without encryption", next.URL.Host)}
	case next.URL.User != nil:
		return &redirectError{"it leads to an address with a name and password"}
	case len(before) > redirects:
		return &redirectError{fmt.Sprintf("it leads on and on: more than %d redirects", redirects)}
	}
	for _, r := range before {
		if r.URL.String() == next.URL.String() {
			return &redirectError{"it leads in a circle"}
		}
	}
	return nil
}

// redirected gives the refusal inside an error, or nil.
func redirected(err error) *redirectError {
	var e *redirectError
	if errors.As(err, &e) {
		return e
	}
	return nil
}
