/*
 * Video patch bay for Asterisk: requests for a keyframe, limited per publisher, and per subscriber that keeps asking.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

#include "asterisk/pbx.h"
#include "asterisk/sched.h"

/*! \brief A terminal that keeps asking waits this long, twice as long each time, and never longer than the second */
#define PEER_PAUSE_FIRST 500
#define PEER_PAUSE_LAST 8000

static struct ast_sched_context *sched;
static int interval_ms;

void vr_keyframes_interval_set(int ms)
{
	__atomic_store_n(&interval_ms, ms, __ATOMIC_RELAXED);
}

int vr_keyframes_interval(void)
{
	return __atomic_load_n(&interval_ms, __ATOMIC_RELAXED);
}

/*
 * chan_pjsip makes an RTCP FIR of a request wherever H.264 is spoken, and the signalling hears nothing of it. Behind a
 * gateway there are terminals that know no FIR: a channel with VIDEO_KEYFRAME_TEXT set is sent that text as well, in a SIP
 * MESSAGE within its dialog. Not by ast_sendtext(), which would take the flag AST_FLAG_BLOCKING from the channel's own thread.
 */
static void ask_by_text(struct ast_channel *chan)
{
	const char *text;

	ast_channel_lock(chan);
	text = pbx_builtin_getvar_helper(chan, "VIDEO_KEYFRAME_TEXT");
	if (!ast_strlen_zero(text) && ast_channel_tech(chan)->send_text
		&& !ast_test_flag(ast_channel_flags(chan), AST_FLAG_ZOMBIE) && !ast_check_hangup(chan)) {
		ast_channel_tech(chan)->send_text(chan, text);
	}
	ast_channel_unlock(chan);
}

/*! \brief A task: pass a request to the publisher's channel, which makes an RTCP FIR or a SIP INFO of it. Gives up its reference. */
static int send_task(void *data)
{
	struct vr_port *port = data;
	struct ast_channel *chan;

	ast_rwlock_rdlock(&vr_table);
	chan = port->chan && port->publishes ? ast_channel_ref(port->chan) : NULL;
	ast_rwlock_unlock(&vr_table);
	if (chan) {
		VR_COUNT(port, keyframes_sent);
		ast_indicate(chan, AST_CONTROL_VIDUPDATE);
		ask_by_text(chan);
		ast_channel_unref(chan);
	}
	ao2_ref(port, -1);
	return 0;
}

/*! \pre port is locked */
static void send_locked(struct vr_port *port)
{
	port->keyframe_sent = ast_tvnow();
	ao2_ref(port, +1);
	if (vr_task_media(send_task, port)) {
		ao2_ref(port, -1);
	}
}

/*! \brief The limit's time is over: what was merged meanwhile goes out as one */
static int limit_over(const void *data)
{
	struct vr_port *port = (struct vr_port *) data;

	ao2_lock(port);
	port->keyframe_scheduled = -1;
	send_locked(port);
	ao2_unlock(port);
	ao2_ref(port, -1);
	return 0;
}

/*! \brief Without the port's lock: it waits for a callback that runs already, and that gives up its reference itself */
static void unschedule(struct vr_port *port, int id)
{
	if (id >= 0 && !ast_sched_del(sched, id)) {
		ao2_ref(port, -1);
	}
}

void vr_keyframes_cancel(struct vr_port *port)
{
	int limit;
	int pause;

	ao2_lock(port);
	limit = port->keyframe_scheduled;
	pause = port->peer_scheduled;
	port->keyframe_scheduled = port->peer_scheduled = -1;
	ao2_unlock(port);
	unschedule(port, limit);
	unschedule(port, pause);
}

void vr_keyframe_request(struct vr_port *publisher)
{
	int64_t left;

	ao2_lock(publisher);
	if (publisher->keyframe_scheduled >= 0) {
		VR_COUNT(publisher, keyframes_merged);
		ao2_unlock(publisher);
		return;
	}
	left = ast_tvzero(publisher->keyframe_sent) ? 0
		: vr_keyframes_interval() - ast_tvdiff_ms(ast_tvnow(), publisher->keyframe_sent);
	if (left > 0) {
		ao2_ref(publisher, +1);
		publisher->keyframe_scheduled = ast_sched_add(sched, (int) left, limit_over, publisher);
		if (publisher->keyframe_scheduled >= 0) {
			ao2_unlock(publisher);
			return;
		}
		/* Too often is better than never. */
		ao2_ref(publisher, -1);
	}
	send_locked(publisher);
	ao2_unlock(publisher);
}

void vr_keyframe_ask(struct vr_port *subscriber)
{
	struct vr_port *publisher = NULL;

	ast_rwlock_rdlock(&vr_table);
	if (subscriber->subscribes) {
		VR_COUNT(subscriber, keyframes_asked);
		/* One that sends nothing yet is asked when it begins. */
		publisher = subscriber->subscribes->publisher;
		if (publisher && publisher->started) {
			ao2_ref(publisher, +1);
		} else {
			publisher = NULL;
		}
	}
	ast_rwlock_unlock(&vr_table);
	if (publisher) {
		vr_keyframe_request(publisher);
		ao2_ref(publisher, -1);
	}
}

/*! \brief A terminal's request is passed on: how long its next one waits. \pre port is locked */
static void peer_passed(struct vr_port *port, struct timeval now)
{
	int quiet = ast_tvzero(port->peer_asked) || ast_tvdiff_ms(now, port->peer_asked) > 2 * port->peer_pause;

	port->peer_pause = quiet ? PEER_PAUSE_FIRST : MIN(2 * port->peer_pause, PEER_PAUSE_LAST);
	port->peer_asked = now;
}

/*! \brief The pause is over: what was asked meanwhile goes out as one */
static int pause_over(const void *data)
{
	struct vr_port *port = (struct vr_port *) data;

	ao2_lock(port);
	port->peer_scheduled = -1;
	peer_passed(port, ast_tvnow());
	ao2_unlock(port);
	vr_keyframe_ask(port);
	ao2_ref(port, -1);
	return 0;
}

/*
 * All terminals of a class see one stream, so one that asks with every lost packet would cost all of them their bits. It is
 * told from the others here, for the mixer sees one leg. A newcomer's request does not come this way and is never held up.
 */
void vr_keyframe_peer_asks(struct vr_port *subscriber)
{
	struct timeval now = ast_tvnow();
	int64_t left;

	ao2_lock(subscriber);
	if (subscriber->peer_scheduled >= 0) {
		VR_COUNT(subscriber, keyframes_slowed);
		ao2_unlock(subscriber);
		return;
	}
	left = subscriber->peer_eager || ast_tvzero(subscriber->peer_asked) ? 0 : subscriber->peer_pause - ast_tvdiff_ms(now, subscriber->peer_asked);
	if (left > 0) {
		ao2_ref(subscriber, +1);
		subscriber->peer_scheduled = ast_sched_add(sched, (int) left, pause_over, subscriber);
		if (subscriber->peer_scheduled >= 0) {
			ao2_unlock(subscriber);
			return;
		}
		ao2_ref(subscriber, -1);
	}
	peer_passed(subscriber, now);
	ao2_unlock(subscriber);
	vr_keyframe_ask(subscriber);
}

int vr_keyframes_start(void)
{
	if (!(sched = ast_sched_context_create())) {
		return -1;
	}
	return ast_sched_start_thread(sched);
}

void vr_keyframes_stop(void)
{
	if (sched) {
		ast_sched_context_destroy(sched);
		sched = NULL;
	}
}
