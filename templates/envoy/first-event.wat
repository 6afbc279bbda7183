;; Holds an answer's headers back until its first event, so that a late or failed start can still move to another backend.
;;
;; Engines open a stream with 200 before they have a token, and some then send an error inside it. This filter lets
;; headers pass with the first whole line that is no comment; an event stream that begins with an error becomes a 503.
;; After that it looks at nothing. Where no line ends, as in most JSON, it waits for the end or for 16 KiB.
;; `python -m scripts.envoy_filter` builds first-event.wasm from this file; a test holds the two together.
(module
  (import "env" "proxy_get_buffer_bytes" (func $read (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $answer (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))

  ;; 0: where the host wrote a pointer and a length; 4096: what it wrote; 65536: one byte a stream, 1 once it has begun.
  (memory (export "memory") 2)
  (data (i32.const 16) "data:")
  (data (i32.const 32) "{\"error\"")
  (data (i32.const 64) "the backend opened its stream with an error")

  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 4096))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 1))
  (func (export "proxy_on_context_create") (param i32 i32))

  ;; The byte of a stream. Ids count up, so two meet only while 65,536 are open in one worker.
  (func $begun (param $stream i32) (result i32)
    (i32.add (i32.const 65536) (i32.and (local.get $stream) (i32.const 65535))))

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

  ;; Whether the event at $at is `data:`, perhaps a space, and an object whose first key is "error".
  (func $fails (param $at i32) (param $end i32) (result i32)
    (if (i32.eqz (call $starts (local.get $at) (local.get $end) (i32.const 16) (i32.const 5)))
      (then (return (i32.const 0))))
    (local.set $at (i32.add (local.get $at) (i32.const 5)))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 32))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (call $starts (local.get $at) (local.get $end) (i32.const 32) (i32.const 8)))

  ;; Headers wait (1) unless nothing follows them.
  (func (export "proxy_on_response_headers") (param $stream i32) (param i32) (param $last i32) (result i32)
    (i32.store8 (call $begun (local.get $stream)) (i32.const 0))
    (i32.eqz (local.get $last)))

  ;; The body waits (1) with the headers while it has no whole line but comments; then both go (0).
  (func (export "proxy_on_response_body") (param $stream i32) (param i32) (param $last i32) (result i32)
    (local $at i32) (local $end i32)
    (if (i32.load8_u (call $begun (local.get $stream))) (then (return (i32.const 0))))
    (if (i32.eqz (call $read (i32.const 1) (i32.const 0) (i32.const 16384) (i32.const 0) (i32.const 4)))
      (then
        (local.set $end (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 4))))
        (local.set $at (call $first (i32.load (i32.const 0)) (local.get $end)))
        (if (i32.or (i32.eqz (local.get $at)) (i32.eqz (call $whole (local.get $at) (local.get $end))))
          (then
            (if (i32.and (i32.eqz (local.get $last)) (i32.lt_u (i32.load (i32.const 4)) (i32.const 16384)))
              (then (return (i32.const 1)))))
          (else
            (if (call $fails (local.get $at) (local.get $end))
              (then
                (i32.store8 (call $begun (local.get $stream)) (i32.const 1))
                (drop (call $answer (i32.const 503) (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 43)
                  (i32.const 0) (i32.const 0) (i32.const -1)))
                (return (i32.const 1))))))))
    (i32.store8 (call $begun (local.get $stream)) (i32.const 1))
    (i32.const 0)))
