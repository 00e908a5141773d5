package fetch

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// status explains an answer that is not the file.
func (w *work) status(address string, answer *http.Response) error {
	e := &answerError{host: host(address), reason: "it answers " + answer.Status}
	switch code := answer.StatusCode; code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		e.reason += ": it does not give the file to everybody, or the network wants a login"
	case http.StatusNotFound, http.StatusGone:
		e.reason += ": the file is not at this address any more"
	case http.StatusUnavailableForLegalReasons:
		e.reason += ": the file must not be given here"
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.passing, e.after = true, retryAfter(answer.Header.Get("Retry-After"), time.Now())
		if code == http.StatusTooManyRequests {
			e.reason += ": it is asked too often"
		}
	default:
		e.reason += ", expected 200 OK" + page(answer)
	}
	if answer.Request != nil && answer.Request.URL != nil && answer.Request.URL.Host != e.host {
		e.reason = fmt.Sprintf("(sent on to %s) %s", answer.Request.URL.Host, e.reason)
	}
	return e
}

// retryAfter reads how long a server asks to wait: seconds or a date.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return time.Duration(min(n, 3600)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}
