/*
 * Video patch bay for Asterisk: requests for a keyframe, limited per publisher.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

#include "asterisk/sched.h"

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

void vr_keyframes_cancel(struct vr_port *port)
{
	int id;

	ao2_lock(port);
	id = port->keyframe_scheduled;
	port->keyframe_scheduled = -1;
	ao2_unlock(port);
	/* Without the port's lock: it waits for a limit_over() that runs already, and that gives up its reference itself. */
	if (id >= 0 && !ast_sched_del(sched, id)) {
		ao2_ref(port, -1);
	}
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
