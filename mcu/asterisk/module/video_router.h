/*
 * Video patch bay for Asterisk: who publishes a picture, who is shown it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*!
 * \file
 * \brief What the files of res_video_router share.
 *
 * A *port* is one channel's part in the patch bay: it is created by the first VIDEO_PUBLISH or VIDEO_SUBSCRIBE of the
 * channel, lives in a framehook, and dies with it. A *route* is a key: at most one port publishes it, any number
 * subscribe to it.
 *
 * Locks, outermost first. Nothing further left may be taken while something further right is held:
 *
 *     bridge channel (Asterisk) -> channel (Asterisk) -> vr_table (rwlock) -> port (its ao2 lock)
 *
 * A frame is handed over with the publisher's channel, the table (read) and the subscriber's port locked, and then needs
 * the subscriber's bridge channel, which stands outermost: so it is only ever tried for, never waited for. Whatever has
 * to wait for a channel or a bridge channel runs as a task, with nothing locked.
 */

#ifndef VIDEO_ROUTER_H
#define VIDEO_ROUTER_H

/* Asterisk's own build passes these two to the compiler; ours is a plain cc of *.c. */
#ifndef AST_MODULE
#define AST_MODULE "res_video_router"
#endif
#ifndef AST_MODULE_SELF_SYM
#define AST_MODULE_SELF_SYM __internal_res_video_router_self
#endif

#include "asterisk.h"

#include "asterisk/astobj2.h"
#include "asterisk/bridge.h"
#include "asterisk/bridge_channel.h"
#include "asterisk/channel.h"
#include "asterisk/format.h"
#include "asterisk/format_cap.h"
#include "asterisk/frame.h"
#include "asterisk/framehook.h"
#include "asterisk/linkedlists.h"
#include "asterisk/lock.h"
#include "asterisk/module.h"
#include "asterisk/stream.h"
#include "asterisk/strings.h"
#include "asterisk/taskprocessor.h"
#include "asterisk/vector.h"

/* The module is one shared object: its own names stay out of Asterisk's symbol table. */
#pragma GCC visibility push(hidden)

/*! \brief Longest key, in characters */
#define VR_KEY_LENGTH 64

/*! \brief Frames that may wait for a subscriber's busy bridge channel; a keyframe of 1.5 Mbit/s video is about 60 */
#define VR_PENDING_MAX 256

/*! \brief Packets of a picture that go on together, less one; a keyframe of more goes in parts */
#define VR_GATHER_MAX 15

/*! \brief A publisher silent for longer (ms) is announced anew with its next frame */
#define VR_SILENCE_MS 2000

/*! \brief Least time (ms) from an announcement to that of another codec: each has a leg dialled anew, and a terminal may mix them */
#define VR_CODEC_MS 1000

enum vr_role {
	VR_PUBLISHER,
	VR_SUBSCRIBER,
};

/*! \brief Counters of one port; written by several threads, hence only through VR_ADD() and VR_COUNT() */
struct vr_counters {
	/*! Video frames read from the publisher */
	uint64_t in;
	/*! Video frames of the publisher that nobody subscribed to, or that came while it was on hold */
	uint64_t unwanted;
	/*! Keyframe requests sent to the publisher */
	uint64_t keyframes_sent;
	/*! Keyframe requests for the publisher that the limit merged with another */
	uint64_t keyframes_merged;
	/*! Video frames handed to the subscriber's bridge channel */
	uint64_t out;
	/*! Video frames the subscriber could not take: in no bridge, on hold, or too many pending */
	uint64_t dropped;
	/*! Video frames of a codec that the subscriber has not negotiated */
	uint64_t no_format;
	/*! Video frames that found the subscriber's bridge channel locked and were handed over a little later */
	uint64_t busy;
	/*! Keyframe requests of the subscriber, its own and those made for it */
	uint64_t keyframes_asked;
	/*! The subscriber's own requests that its pause merged with another */
	uint64_t keyframes_slowed;
};

#define VR_ADD(port, counter, number) __atomic_fetch_add(&(port)->counters.counter, (number), __ATOMIC_RELAXED)
#define VR_COUNT(port, counter) VR_ADD(port, counter, 1)

struct vr_route;

/*! \brief One channel's part in the patch bay (ao2 object with a mutex) */
struct vr_port {
	/*! Not a reference: set while the framehook lives. Guarded by the table. */
	struct ast_channel *chan;
	/*! Guarded by the table. */
	char uniqueid[AST_MAX_UNIQUEID];
	/*! Guarded by the channel. */
	int hook_id;
	/*! The framehook is on its way out: no longer found for its channel. Guarded by the table. */
	int leaving;
	/*! Guarded by the table. */
	struct vr_route *publishes;
	struct vr_route *subscribes;
	AST_LIST_ENTRY(vr_port) in_table;
	AST_LIST_ENTRY(vr_port) in_route;

	struct vr_counters counters;

	/*! \name As a publisher; guarded by its channel */
	/*! @{ */
	/*! Its first frame was announced; read by other threads as a hint */
	int started;
	/*! Codec that was announced (ast_format_get_codec_id()), and when */
	unsigned int codec;
	struct timeval announced;
	/*! Identifies the run of timestamps and sequence numbers the frames belong to */
	unsigned int source;
	struct timeval last_frame;
	/*! RTP sequence number of the last frame */
	int seqno;
	/*! Frames of a picture whose last one hasn't come; copies */
	struct ast_frame *gathered[VR_GATHER_MAX];
	int gathered_count;
	/*! @} */

	/*! VIDEO_FMTP() as it was told last. Guarded by the channel. */
	char *formats;

	/*! The other party holds the call. Written with channel and port locked, read with either. */
	int held;

	/*! \name Keyframe limit; guarded by the port */
	/*! @{ */
	struct timeval keyframe_sent;
	/*! Scheduler's id of the request to come, -1 when there is none */
	int keyframe_scheduled;
	/*! @} */

	/*! \name Pause between a peer's own requests, as a subscriber; guarded by the port */
	/*! @{ */
	/*! It limits itself: no pause */
	int peer_eager;
	/*! When its last request was passed on */
	struct timeval peer_asked;
	/*! ms from then until the next one is */
	int peer_pause;
	/*! Scheduler's id of the request that waits for the pause to end, -1 when there is none */
	int peer_scheduled;
	/*! @} */

	/*! \name As a subscriber. The first two are written with channel and port locked, read with either; the rest guarded by the port */
	/*! @{ */
	struct ast_bridge_channel *bridge_channel;
	/*! Formats of its default video stream, or NULL */
	struct ast_format_cap *cap;
	/*! The format its frames were last mapped from and to (to is NULL: none of that codec) */
	struct ast_format *map_from;
	struct ast_format *map_to;
	/*! Source of the last frame handed over, 0 before the first */
	unsigned int heard;
	/*! A frame was lost to it, so that the next must not show the gap */
	int interrupted;
	/*! Its bridge channel was suspended, and threw away what came */
	int away;
	/*! Added to the publisher's timestamps, ms */
	long ts_offset;
	/*! Timestamp handed over last, ms, and when */
	long ts_last;
	struct timeval ts_when;
	/*! Frames that found the bridge channel busy */
	AST_LIST_HEAD_NOLOCK(, ast_frame) pending;
	int pending_count;
	int drain_queued;
	/*! @} */
};

/*! \brief A key with its publisher and subscribers; guarded by the table */
struct vr_route {
	struct vr_port *publisher;
	AST_LIST_HEAD_NOLOCK(, vr_port) subscribers;
	AST_LIST_ENTRY(vr_route) in_table;
	char key[VR_KEY_LENGTH + 1];
};

/* table.c: ports, routes, who is wired to whom */

extern ast_rwlock_t vr_table;
AST_LIST_HEAD_NOLOCK(vr_port_list, vr_port);
extern struct vr_port_list vr_ports;
AST_LIST_HEAD_NOLOCK(vr_route_list, vr_route);
extern struct vr_route_list vr_routes;

/*! \brief Reference to the channel's port, or NULL. \pre chan is locked */
struct vr_port *vr_port_find(struct ast_channel *chan);
/*!
 * \brief Wire the channel as publisher or subscriber of key; an empty key unwires it
 * \param eager as a subscriber, it is not slowed when it keeps asking for keyframes
 * \retval -1 refused (logged)
 */
int vr_wire(struct ast_channel *chan, enum vr_role role, const char *key, int eager);
/*! \brief Key the channel publishes or is subscribed to; "" when none */
void vr_wired(struct ast_channel *chan, enum vr_role role, char *key, size_t size);
/*! \brief Unwire a port for good. \pre the port's channel is locked */
void vr_port_unwire(struct vr_port *port, const char *reason);

/* frames.c: the framehook */

/*! \brief Attach a new port to the channel. \pre chan is locked \return reference, NULL on failure */
struct vr_port *vr_port_attach(struct ast_channel *chan);
/*! \brief Look again at the channel's bridge and formats; asks for a keyframe when it has become able to receive. \pre chan is locked */
void vr_port_refresh(struct vr_port *port, struct ast_channel *chan);
/*! \brief Whether a subscriber could be handed a frame now */
int vr_port_able(struct vr_port *port);

/* gather.c: the packets of a picture go on together */

/*! \brief A publisher's frame, for all its subscribers. \pre its channel and the table (read) are locked; it publishes */
void vr_gather(struct vr_port *port, struct ast_frame *frame, struct timeval now);
/*! \brief Hand over what there is of a picture. \pre the port's channel is locked, the table is not */
void vr_gather_flush(struct vr_port *port);
/*! \brief Drop it. \pre the port's channel is locked, or nobody has the port any more */
void vr_gather_discard(struct vr_port *port);

/* deliver.c: frames to one subscriber */

/*! \brief Hand a publisher's frames to a subscriber. \pre publisher's channel and the table (read) are locked */
void vr_deliver(struct vr_port *subscriber, struct vr_port *publisher, struct ast_frame *const *frames, int count,
	struct timeval now);
/*! \brief Drop what waits for the subscriber. \pre port is locked */
void vr_pending_discard(struct vr_port *port);
/*! \brief Name that frames of ours carry in ast_frame.src */
extern const char vr_frame_source[];

/* keyframes.c: requests for a keyframe, limited per publisher */

int vr_keyframes_start(void);
void vr_keyframes_stop(void);
/*! \brief Least time between two requests to one publisher, ms; 0 is no limit */
void vr_keyframes_interval_set(int ms);
int vr_keyframes_interval(void);
/*! \brief Forget the request that waits for the limit. \pre port is not locked */
void vr_keyframes_cancel(struct vr_port *port);
/*! \brief A subscriber wants a keyframe of whoever it is subscribed to. \pre table not locked */
void vr_keyframe_ask(struct vr_port *subscriber);
/*! \brief A subscriber's terminal asked for a keyframe itself: as above, but slowed while it keeps asking. \pre table not locked */
void vr_keyframe_peer_asks(struct vr_port *subscriber);
/*! \brief A publisher is to send a keyframe. \pre no port is locked */
void vr_keyframe_request(struct vr_port *publisher);

/* fmtp.c */

/*! \brief fmtp of a format without its "a=fmtp:NN " and line end, appended to str */
void vr_fmtp_append(const struct ast_format *format, struct ast_str **str);
/*! \brief VIDEO_FMTP() of a channel, appended to str. \pre chan is locked */
void vr_fmtp_channel(struct ast_channel *chan, struct ast_str **str);

/* events.c: AMI events */

/*! \brief Raise an event with the channel's headers, Key and further headers ("Name: value\r\n" each). \pre chan is locked */
void vr_event(struct ast_channel *chan, const char *event, const char *key, const char *headers);

/* list.c: AMI action and CLI */

int vr_list_register(void);
void vr_list_unregister(void);

/* media.c: AMI action */

int vr_media_register(void);
void vr_media_unregister(void);

/* bridges.c: notices at once when a channel enters a bridge */

int vr_bridges_start(void);
void vr_bridges_stop(void);

/* res_video_router.c */

/*! \brief Run a task in order, in a thread of the module's own, with nothing locked. \retval -1 not queued, data is the caller's still */
int vr_task_media(int (*task)(void *), void *data);
int vr_task_events(int (*task)(void *), void *data);
/*! \brief Give up a reference that may be the last where its destructor's locks can do no harm */
void vr_unref_later(void *object);

#pragma GCC visibility pop

#endif
