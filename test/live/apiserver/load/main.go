// Command review-load asks a token webhook as often as it is told, over the transport that kube-apiserver's client has.
//
// The transport is client-go's for a webhook kubeconfig: HTTP/2 where the webhook offers it, else 25 idle connections for
// each host and new ones above that. There are no retries and no token cache. Each line of stdin is one load,
// {"inFlight":32,"requests":1000}; each line of stdout says what became of it. Connections stay from one load to the next.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	authentication "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/rest"
)

type load struct {
	InFlight int `json:"inFlight"`
	Requests int `json:"requests"`
}

// outcome has its latencies sorted; Refused counts answers that authenticated nobody, Failed what was no 200 at all.
type outcome struct {
	Requests    int       `json:"requests"`
	Authentic   int       `json:"authenticated"`
	Refused     int       `json:"refused"`
	Failed      int       `json:"failed"`
	Error       string    `json:"error,omitempty"`
	Protocol    string    `json:"protocol"`
	WallSeconds float64   `json:"wallSeconds"`
	LatenciesMs []float64 `json:"latenciesMs"`
}

type asker struct {
	client *http.Client
	url    string
	bodies [][]byte
	next   atomic.Int64
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "webhook kubeconfig `file`")
	tokens := flag.String("tokens", "", "`file` of tokens, one a line, taken in turn")
	flag.Parse()
	if err := run(*kubeconfig, *tokens); err != nil {
		fmt.Fprintln(os.Stderr, "review-load:", err)
		os.Exit(2)
	}
}

func run(kubeconfig, tokens string) error {
	asking, err := newAsker(kubeconfig, tokens)
	if err != nil {
		return err
	}
	loads, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var given load
		if err := loads.Decode(&given); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(asking.run(given)); err != nil {
			return err
		}
	}
}

func newAsker(kubeconfig, tokens string) (*asker, error) {
	config, err := webhookutil.LoadKubeconfig(kubeconfig, nil)
	if err != nil {
		return nil, err
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(tokens)
	if err != nil {
		return nil, err
	}
	asking := &asker{client: &http.Client{Transport: transport}, url: config.Host}
	for _, token := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		body, err := json.Marshal(reviewOf(token))
		if err != nil {
			return nil, err
		}
		asking.bodies = append(asking.bodies, append(body, '\n'))
	}
	return asking, nil
}

func reviewOf(token string) *authentication.TokenReview {
	return &authentication.TokenReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "authentication.k8s.io/v1", Kind: "TokenReview"},
		Spec:     authentication.TokenReviewSpec{Token: token, Audiences: []string{"https://kubernetes.default.svc"}},
	}
}

func (a *asker) run(given load) outcome {
	result := outcome{Requests: given.Requests}
	var left atomic.Int64
	left.Store(int64(given.Requests))
	var all sync.WaitGroup
	var mu sync.Mutex
	started := time.Now()
	for range given.InFlight {
		all.Go(func() {
			var own outcome
			for left.Add(-1) >= 0 {
				a.ask(&own)
			}
			mu.Lock()
			defer mu.Unlock()
			result.add(own)
		})
	}
	all.Wait()
	result.WallSeconds = time.Since(started).Seconds()
	slices.Sort(result.LatenciesMs)
	return result
}

func (o *outcome) add(other outcome) {
	o.Authentic += other.Authentic
	o.Refused += other.Refused
	o.Failed += other.Failed
	o.LatenciesMs = append(o.LatenciesMs, other.LatenciesMs...)
	if other.Error != "" {
		o.Error = other.Error
	}
	if other.Protocol != "" {
		o.Protocol = other.Protocol
	}
}

func (a *asker) ask(into *outcome) {
	body := a.bodies[int(a.next.Add(1))%len(a.bodies)]
	started := time.Now()
	status, protocol, answer, err := a.post(body)
	into.LatenciesMs = append(into.LatenciesMs, float64(time.Since(started).Microseconds())/1000)
	into.Protocol = protocol
	switch {
	case err != nil:
		into.Failed++
		into.Error = err.Error()
	case status != http.StatusOK:
		into.Failed++
		into.Error = fmt.Sprintf("status %d", status)
	case bytes.Contains(answer, []byte(`"authenticated":true`)):
		into.Authentic++
	default:
		into.Refused++
	}
}

func (a *asker) post(body []byte) (status int, protocol string, answer []byte, err error) {
	request, err := http.NewRequest(http.MethodPost, a.url+"?timeout=30s", bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	request.Header.Set("Accept", "application/json, */*")
	request.Header.Set("Content-Type", "application/json")
	response, err := a.client.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, response.Proto, answer, err
}
