;; Holds an answer's headers back until its first event, so that a late or failed start can still move to another backend,
;; and ends a stream that breaks off with an error.
;;
;; Engines open a stream with 200 before they have a token, and some then send an error inside it. This filter lets
;; headers pass with the first whole line that is no comment; an answer that begins with an error becomes a 503, and so
;; does a stream without an event. Where no line ends, as in most JSON, it waits for the end or for 16 KiB. An event
;; stream that ends without [DONE], a finish_reason or an error of its own gets an error event; a connection that breaks
;; is nothing that a filter would see.
;; `python -m scripts.envoy_filter` builds first-event.wasm from this file; a test holds the two together.
(module
  (import "env" "proxy_get_buffer_bytes" (func $read (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_buffer_bytes" (func $write (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_remove_header_map_value" (func $remove (param i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $answer (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))

  ;; 0: where the host wrote a pointer and a length; 4096: what it wrote; 65536: four bytes a stream: 0 until it has
  ;; begun, then 1 or 2; and how much was met of each text that ends a stream.
  (memory (export "memory") 5)
  (data (i32.const 16) "data:")
  (data (i32.const 32) "{\"error\"")
  (data (i32.const 64) "the backend opened its stream with an error")
  (data (i32.const 128) "[DONE]")
  (data (i32.const 144) "finish_reason\":\"")
  (data (i32.const 160) ":status")
  (data (i32.const 168) "200")
  (data (i32.const 176) "content-type")
  (data (i32.const 192) "text/event-stream")
  (data (i32.const 212) "content-length")
  (data (i32.const 256) "\n\ndata: {\"error\": {\"message\": \"the backend's stream broke off\", \"type\": \"server_error\", \"code\": \"stream_broken\"}}\n\n")

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 4096))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_context_create") (param i32 i32))

  ;; The bytes of a stream. Ids count up, so two meet only while 65,536 are open in one worker.
  (func $begun (param $stream i32) (result i32)
    (i32.add (i32.const 65536) (i32.shl (i32.and (local.get $stream) (i32.const 65535)) (i32.const 2))))

  ;; Whether the bytes from $at to $end start with the $length bytes at $text.
  (func $starts (param $at i32) (param $end i32) (param $text i32) (param $length i32) (result i32)
    (if (i32.gt_u (i32.add (local.get $at) (local.get $length)) (local.get $end)) (then (return (i32.const 0))))
    (loop $next
      (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.load8_u (local.get $text))) (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $text (i32.add (local.get $text) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; The first byte that belongs to no comment line (":" up to the line's end) and is no line end; 0 when there is none.
  (func $first (param $at i32) (param $end i32) (result i32)
    (local $char i32) (local $comment i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      (local.set $char (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.or (i32.eq (local.get $char) (i32.const 10)) (i32.eq (local.get $char) (i32.const 13)))
        (then (local.set $comment (i32.const 0)) (br $next)))
      (br_if $next (local.get $comment))
      (if (i32.eq (local.get $char) (i32.const 58)) (then (local.set $comment (i32.const 1)) (br $next))))
    (i32.sub (local.get $at) (i32.const 1)))

  ;; Whether a line ends between $at and $end.
  (func $whole (param $at i32) (param $end i32) (result i32)
    (local $char i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      (local.set $char (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.and (i32.ne (local.get $char) (i32.const 10)) (i32.ne (local.get $char) (i32.const 13)))))
    (i32.const 1))

  ;; Whether at $at there is an object whose first key is "error", perhaps after `data:` and a space.
  (func $fails (param $at i32) (param $end i32) (result i32)
    (if (call $starts (local.get $at) (local.get $end) (i32.const 16) (i32.const 5))
      (then (local.set $at (i32.add (local.get $at) (i32.const 5)))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 32))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (call $starts (local.get $at) (local.get $end) (i32.const 32) (i32.const 8)))

  ;; The next place in the $length bytes at $text, of which $at were met, when $char follows. Only its first byte may be
  ;; met in its middle.
  (func $step (param $at i32) (param $char i32) (param $text i32) (param $length i32) (result i32)
    (if (i32.eq (local.get $at) (local.get $length)) (then (return (local.get $at))))
    (if (i32.eq (local.get $char) (i32.load8_u (i32.add (local.get $text) (local.get $at))))
      (then (return (i32.add (local.get $at) (i32.const 1)))))
    (i32.eq (local.get $char) (i32.load8_u (local.get $text))))

  ;; Looks in $size bytes for what ends a stream properly, or tells its error. Spaces do not count, and what is looked
  ;; for may come in pieces.
  (func $watch (param $stream i32) (param $size i32)
    (local $offset i32) (local $at i32) (local $end i32) (local $char i32) (local $state i32)
    (local.set $state (call $begun (local.get $stream)))
    (loop $piece
      (if (i32.ge_u (local.get $offset) (local.get $size)) (then (return)))
      (if (call $read (i32.const 1) (local.get $offset) (i32.const 16384) (i32.const 0) (i32.const 4)) (then (return)))
      (if (i32.eqz (i32.load (i32.const 4))) (then (return)))
      (local.set $at (i32.load (i32.const 0)))
      (local.set $end (i32.add (local.get $at) (i32.load (i32.const 4))))
      (local.set $offset (i32.add (local.get $offset) (i32.load (i32.const 4))))
      (loop $next
        (local.set $char (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.ne (local.get $char) (i32.const 32))
          (then
            (i32.store8 offset=1 (local.get $state)
              (call $step (i32.load8_u offset=1 (local.get $state)) (local.get $char) (i32.const 128) (i32.const 6)))
            (i32.store8 offset=2 (local.get $state)
              (call $step (i32.load8_u offset=2 (local.get $state)) (local.get $char) (i32.const 144) (i32.const 16)))
            (i32.store8 offset=3 (local.get $state)
              (call $step (i32.load8_u offset=3 (local.get $state)) (local.get $char) (i32.const 32) (i32.const 8)))))
        (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
      (br $piece)))

  ;; Whether $watch has met one of them whole.
  (func $ended (param $stream i32) (result i32)
    (local $state i32)
    (local.set $state (call $begun (local.get $stream)))
    (i32.or
      (i32.eq (i32.load8_u offset=1 (local.get $state)) (i32.const 6))
      (i32.or
        (i32.eq (i32.load8_u offset=2 (local.get $state)) (i32.const 16))
        (i32.eq (i32.load8_u offset=3 (local.get $state)) (i32.const 8)))))

  ;; Whether the header whose name is the $size bytes at $name starts with the $length bytes at $text.
  (func $says (param $name i32) (param $size i32) (param $text i32) (param $length i32) (result i32)
    (if (call $header (i32.const 2) (local.get $name) (local.get $size) (i32.const 0) (i32.const 4))
      (then (return (i32.const 0))))
    (call $starts (i32.load (i32.const 0)) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4)))
      (local.get $text) (local.get $length)))

  ;; Headers wait (1) unless nothing follows them or they tell an error themselves.
  (func (export "proxy_on_response_headers") (param $stream i32) (param i32) (param $last i32) (result i32)
    (i32.store (call $begun (local.get $stream)) (i32.const 0))
    (if (i32.eqz (call $says (i32.const 160) (i32.const 7) (i32.const 168) (i32.const 3)))
      (then
        (i32.store8 (call $begun (local.get $stream)) (i32.const 2))
        (return (i32.const 0))))
    (i32.eqz (local.get $last)))

  ;; The body waits (1) with the headers while it has no whole line but comments; then both go (0).
  (func (export "proxy_on_response_body") (param $stream i32) (param $size i32) (param $last i32) (result i32)
    (local $at i32) (local $end i32) (local $state i32) (local $failed i32)
    (local.set $state (call $begun (local.get $stream)))
    (if (i32.eqz (i32.load8_u (local.get $state)))
      (then
        (if (i32.eqz (call $read (i32.const 1) (i32.const 0) (i32.const 16384) (i32.const 0) (i32.const 4)))
          (then
            (local.set $end (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4))))
            (local.set $at (call $first (i32.load (i32.const 0)) (local.get $end)))))
        (if (i32.and (i32.eqz (local.get $last)) (i32.lt_u (local.get $size) (i32.const 16384)))
          (then
            (if (i32.eqz (local.get $at)) (then (return (i32.const 1))))
            (if (i32.eqz (call $whole (local.get $at) (local.get $end))) (then (return (i32.const 1))))))
        (if (local.get $at) (then (local.set $failed (call $fails (local.get $at) (local.get $end)))))
        ;; 1: a stream, whose end is watched for; 2: anything else, which is looked at no more. A header is written over
        ;; the body that was read.
        (i32.store8 (local.get $state)
          (i32.sub (i32.const 2) (call $says (i32.const 176) (i32.const 12) (i32.const 192) (i32.const 17))))
        (if (i32.and (i32.eqz (local.get $at)) (i32.eq (i32.load8_u (local.get $state)) (i32.const 1)))
          (then (local.set $failed (local.get $last))))
        (if (local.get $failed)
          (then
            (i32.store8 (local.get $state) (i32.const 2))
            (drop (call $answer (i32.const 503) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 43)
              (i32.const 0) (i32.const 0) (i32.const -1)))
            (return (i32.const 1))))
        (if (i32.eq (i32.load8_u (local.get $state)) (i32.const 1))
          (then (drop (call $remove (i32.const 2) (i32.const 212) (i32.const 14)))))))
    (if (i32.eq (i32.load8_u (local.get $state)) (i32.const 1))
      (then
        (if (i32.eqz (call $ended (local.get $stream))) (then (call $watch (local.get $stream) (local.get $size))))
        (if (i32.and (local.get $last) (i32.eqz (call $ended (local.get $stream))))
          (then
            (drop (call $write (i32.const 1) (i32.const 0x7fffffff) (i32.const 0) (i32.const 256) (i32.const 115)))))))
    (i32.const 0)))
