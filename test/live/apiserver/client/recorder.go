package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

// strict refuses what kube-apiserver's own decoder silently ignores: unknown and duplicate fields, and field names in
// the wrong case, by which a webhook can believe to have said something that nobody hears.
var strict = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// recorder listens between kube-apiserver's client and the network.
type recorder struct {
	mu           sync.Mutex
	httpStatuses []int
	strictErrors []string
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func (r *recorder) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err != nil {
			r.note(0, nil)
			return nil, err
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		r.note(response.StatusCode, body)
		return response, nil
	})
}

// note remembers one call: its HTTP status (0: no answer at all) and what a strict decoder says about a 200.
func (r *recorder) note(status int, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.httpStatuses = append(r.httpStatuses, status)
	if status != http.StatusOK {
		return
	}
	if _, _, err := strict.Decode(body, nil, nil); err != nil {
		r.strictErrors = append(r.strictErrors, err.Error())
	}
}

func (r *recorder) soFar() (httpStatuses []int, strictErrors []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int{}, r.httpStatuses...), append([]string{}, slices.Compact(slices.Clone(r.strictErrors))...)
}

// failing ends a body with the error that reading it ended with, so a reset in the middle of an answer stays one.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}
