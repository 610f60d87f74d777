// A peer of pierce-bench by pion; ../PROTOCOL.md has the words.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/webrtc"
)

const (
	maxMessageBytes = 262144
	longestLine     = 1 << 20
)

var (
	version = "unknown"
	started = time.Now()
	api     *webrtc.API
	output  sync.Mutex
	held    []*connection
)

type connection struct {
	id       string
	pc       *webrtc.PeerConnection
	raw      datachannel.ReadWriteCloser
	channel  *webrtc.DataChannel
	isRemote chan struct{} // closed once the remote description is set
	onOpen   func()
	onLocal  func(kind, sdp string)
	onFound  func(webrtc.ICECandidateInit)
	second   *connection // its channel "ping", if it has one

	sent, received, receivedBytes uint64
	echoes, pinging               atomic.Bool
	flooding                      atomic.Bool
	pong                          chan struct{}
	low                           chan struct{}
}

func say(format string, arguments ...interface{}) {
	output.Lock()
	defer output.Unlock()
	fmt.Printf(format+"\n", arguments...)
}

func check(err error) {
	if err != nil {
		say("error %s", strings.ReplaceAll(err.Error(), "\n", " "))
	}
}

func nowUs() int64 { return time.Since(started).Microseconds() }

func (c *connection) send(bytes []byte) {
	if _, err := c.raw.WriteDataChannel(bytes, false); err != nil {
		return // closed
	}
	atomic.AddUint64(&c.sent, 1)
}

// Reads by itself, because pion's own loop stops at 65,535 bytes.
func (c *connection) read() {
	buffer := make([]byte, maxMessageBytes)
	for {
		size, _, err := c.raw.ReadDataChannel(buffer)
		if err != nil {
			return
		}
		atomic.AddUint64(&c.received, 1)
		atomic.AddUint64(&c.receivedBytes, uint64(size))
		if c.echoes.Load() {
			c.send(buffer[:size])
		} else if c.pinging.Load() {
			c.pong <- struct{}{}
		}
	}
}

func (c *connection) take(channel *webrtc.DataChannel) {
	c.channel = channel
	channel.OnOpen(func() {
		raw, err := channel.Detach()
		if err != nil {
			check(err)
			return
		}
		c.raw = raw
		go c.read()
		c.onOpen()
	})
	channel.OnBufferedAmountLow(func() {
		select {
		case c.low <- struct{}{}:
		default:
		}
	})
}

func newConnection(id, kind string) *connection {
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	check(err)
	c := &connection{id: id, pc: pc, isRemote: make(chan struct{}), pong: make(chan struct{}, 1),
		low: make(chan struct{}, 1)}
	c.second = &connection{id: id + ".ping", pc: pc, pong: make(chan struct{}, 1), low: make(chan struct{}, 1)}
	c.second.onOpen = func() { say("open %s", c.second.id) }
	pc.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate != nil {
			c.onFound(candidate.ToJSON())
		}
	})
	pc.OnDataChannel(func(channel *webrtc.DataChannel) {
		if channel.Label() == "ping" {
			c.second.take(channel)
		} else {
			c.take(channel)
		}
	})
	if kind == "both" {
		channel, err := pc.CreateDataChannel("ping", nil)
		check(err)
		c.second.take(channel)
	}
	if kind != "answer" {
		ordered, retransmits := false, uint16(0)
		init := &webrtc.DataChannelInit{}
		if kind == "unordered" {
			init.Ordered, init.MaxRetransmits = &ordered, &retransmits
		}
		channel, err := pc.CreateDataChannel("bench", init)
		check(err)
		c.take(channel)
	}
	return c
}

func (c *connection) offer() {
	offer, err := c.pc.CreateOffer(nil)
	check(err)
	check(c.pc.SetLocalDescription(offer))
	c.onLocal("offer", offer.SDP)
}

func (c *connection) setRemote(kind, sdp string) {
	check(c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.NewSDPType(kind), SDP: sdp}))
	close(c.isRemote)
	if kind == "offer" {
		answer, err := c.pc.CreateAnswer(nil)
		check(err)
		check(c.pc.SetLocalDescription(answer))
		c.onLocal("answer", answer.SDP)
	}
}

func (c *connection) addCandidate(candidate webrtc.ICECandidateInit) {
	<-c.isRemote
	check(c.pc.AddICECandidate(candidate))
}

func (c *connection) flood(size int, high uint64) {
	bytes := make([]byte, size)
	c.channel.SetBufferedAmountLowThreshold(high / 2)
	c.flooding.Store(true)
	for c.flooding.Load() {
		if c.channel.BufferedAmount() >= high {
			<-c.low
			continue
		}
		c.send(bytes)
	}
}

func (c *connection) ping(size, ms int) {
	bytes := make([]byte, size)
	var times strings.Builder
	c.pinging.Store(true)
	for end := nowUs() + int64(ms)*1000; nowUs() < end; {
		at := time.Now()
		c.send(bytes)
		<-c.pong
		fmt.Fprintf(&times, " %d", time.Since(at).Microseconds())
	}
	c.pinging.Store(false)
	say("pings %s%s", c.id, times.String())
}

func setUpPair(isKept bool) int64 {
	opened := make(chan struct{}, 2)
	at := time.Now()
	offerer, answerer := newConnection("offerer", "reliable"), newConnection("answerer", "answer")
	join := func(from, to *connection) {
		from.onOpen = func() { opened <- struct{}{} }
		from.onLocal = func(kind, sdp string) { to.setRemote(kind, sdp) }
		from.onFound = func(candidate webrtc.ICECandidateInit) { go to.addCandidate(candidate) }
	}
	join(offerer, answerer)
	join(answerer, offerer)
	offerer.offer()
	<-opened
	<-opened
	elapsed := time.Since(at).Microseconds()
	if isKept {
		held = append(held, offerer, answerer)
	} else {
		check(offerer.pc.Close())
		check(answerer.pc.Close())
	}
	return elapsed
}

func hold(count int) {
	for i := 0; i < count; i++ {
		setUpPair(true)
	}
	say("held %d", len(held)/2)
}

func setups(count int) {
	var times strings.Builder
	for i := 0; i < count; i++ {
		fmt.Fprintf(&times, " %d", setUpPair(false))
	}
	say("setups%s", times.String())
}

func connect(id, kind string) *connection {
	c := newConnection(id, kind)
	c.onOpen = func() { say("open %s", id) }
	c.onLocal = func(kind, sdp string) {
		say("local %s %s %s", id, kind, base64.StdEncoding.EncodeToString([]byte(sdp)))
	}
	c.onFound = func(candidate webrtc.ICECandidateInit) {
		say("candidate %s %s %s", id, *candidate.SDPMid,
			base64.StdEncoding.EncodeToString([]byte(candidate.Candidate)))
	}
	if kind != "answer" {
		c.offer()
	}
	return c
}

func decode(text string) string {
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err)
	return string(bytes)
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	check(err)
	return value
}

func (c *connection) obey(words []string) {
	switch {
	case words[0] == "remote" && len(words) == 4:
		c.setRemote(words[2], decode(words[3]))
	case words[0] == "candidate" && len(words) == 4:
		mid, line := words[2], uint16(0)
		go c.addCandidate(webrtc.ICECandidateInit{Candidate: decode(words[3]), SDPMid: &mid, SDPMLineIndex: &line})
	case words[0] == "flood" && len(words) == 4:
		go c.flood(number(words[2]), uint64(number(words[3])))
	case words[0] == "stop":
		c.flooding.Store(false)
	case words[0] == "echo":
		c.echoes.Store(true)
	case words[0] == "ping" && len(words) == 4:
		go c.ping(number(words[2]), number(words[3]))
	case words[0] == "counts":
		say("counts %s %d %d %d %d", c.id, atomic.LoadUint64(&c.sent), atomic.LoadUint64(&c.received),
			atomic.LoadUint64(&c.receivedBytes), nowUs())
	default:
		say("error %s: not understood", words[0])
	}
}

func main() {
	settings := webrtc.SettingEngine{}
	settings.DetachDataChannels()
	api = webrtc.NewAPI(webrtc.WithSettingEngine(settings))
	connections := map[string]*connection{}
	say("ready %s", version)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		words := strings.Split(lines.Text(), " ")
		switch {
		case words[0] == "connect" && len(words) == 3:
			made := connect(words[1], words[2])
			connections[made.id], connections[made.second.id] = made, made.second
		case words[0] == "setups" && len(words) == 2:
			go setups(number(words[1]))
		case words[0] == "hold" && len(words) == 2:
			go hold(number(words[1]))
		case len(words) < 2 || connections[words[1]] == nil:
			say("error %s: not understood", words[0])
		case words[0] == "close":
			go connections[words[1]].pc.Close()
			delete(connections, words[1])
			delete(connections, words[1]+".ping")
		default:
			connections[words[1]].obey(words)
		}
	}
}
