/*
 * Video patch bay for Asterisk: the list of ports, for AMI and the CLI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*** DOCUMENTATION
	<manager name="VideoRouterList" language="en_US">
		<synopsis>List the channels that publish or are shown a picture.</synopsis>
		<syntax>
			<parameter name="ActionID"><para>ActionID for this transaction. Will be returned.</para></parameter>
		</syntax>
		<description>
			<para>A VideoRouterEntry for each channel and role, then VideoRouterListComplete.</para>
		</description>
		<responses>
			<list-elements>
				<managerEvent name="VideoRouterEntry" language="en_US">
					<managerEventInstance class="EVENT_FLAG_COMMAND">
						<synopsis>One channel in one role.</synopsis>
						<syntax>
							<parameter name="Channel"/>
							<parameter name="Uniqueid"/>
							<parameter name="Role">
								<enumlist>
									<enum name="publisher"/>
									<enum name="subscriber"/>
								</enumlist>
							</parameter>
							<parameter name="Key"/>
							<parameter name="Active"><para>Publisher: frames come. Subscriber: it can be handed frames.</para></parameter>
							<parameter name="Format"><para>Publisher: the codec of its frames; empty before the first.</para></parameter>
							<parameter name="Held"><para>The other party holds the call.</para></parameter>
							<parameter name="FramesIn"><para>Publisher: video frames read from it.</para></parameter>
							<parameter name="FramesOut"><para>Subscriber: video frames handed to it.</para></parameter>
							<parameter name="FramesDropped"><para>Publisher: frames nobody subscribed to. Subscriber: frames it was in no
							state to take.</para></parameter>
							<parameter name="FramesNoFormat"><para>Subscriber: frames of a codec it has not negotiated.</para></parameter>
							<parameter name="FramesQueueBusy"><para>Subscriber: frames handed over a moment later, its queue being
							busy.</para></parameter>
							<parameter name="KeyframeRequests"><para>Publisher: sent to it. Subscriber: made by or for it.</para></parameter>
							<parameter name="KeyframesMerged"><para>Publisher: requests merged with another by the limit. Subscriber: its own, merged because it keeps
							asking.</para></parameter>
						</syntax>
					</managerEventInstance>
				</managerEvent>
			</list-elements>
			<managerEvent name="VideoRouterListComplete" language="en_US">
				<managerEventInstance class="EVENT_FLAG_COMMAND">
					<synopsis>The end of the list.</synopsis>
					<syntax>
						<parameter name="EventList"/>
						<parameter name="ListItems"/>
					</syntax>
				</managerEventInstance>
			</managerEvent>
		</responses>
	</manager>
 ***/

#include "video_router.h"

#include "asterisk/cli.h"
#include "asterisk/codec.h"
#include "asterisk/manager.h"

struct entry {
	struct ast_channel *chan;
	char key[VR_KEY_LENGTH + 1];
	enum vr_role role;
	int active;
	unsigned int codec;
	int held;
	struct vr_counters counters;
};

AST_VECTOR(entries, struct entry);

static void entry_add(struct entries *entries, struct vr_port *port, enum vr_role role, const struct vr_route *route)
{
	struct entry entry = {
		.role = role,
		.active = role == VR_PUBLISHER ? port->started : vr_port_able(port),
		.codec = role == VR_PUBLISHER ? port->codec : 0,
		.held = port->held,
		.counters = port->counters,
	};

	ast_copy_string(entry.key, route->key, sizeof(entry.key));
	entry.chan = ast_channel_ref(port->chan);
	if (AST_VECTOR_APPEND(entries, entry)) {
		ast_channel_unref(entry.chan);
	}
}

static void entries_collect(struct entries *entries)
{
	struct vr_port *port;

	AST_VECTOR_INIT(entries, 16);
	ast_rwlock_rdlock(&vr_table);
	AST_LIST_TRAVERSE(&vr_ports, port, in_table) {
		if (port->chan && port->publishes) {
			entry_add(entries, port, VR_PUBLISHER, port->publishes);
		}
		if (port->chan && port->subscribes) {
			entry_add(entries, port, VR_SUBSCRIBER, port->subscribes);
		}
	}
	ast_rwlock_unlock(&vr_table);
}

/*! \brief Names change only with the channel locked, and no channel may be locked under the table */
static void entry_names(const struct entry *entry, char *name, size_t name_size, char *uniqueid, size_t uniqueid_size)
{
	ast_channel_lock(entry->chan);
	ast_copy_string(name, ast_channel_name(entry->chan), name_size);
	ast_copy_string(uniqueid, ast_channel_uniqueid(entry->chan), uniqueid_size);
	ast_channel_unlock(entry->chan);
}

static void entries_free(struct entries *entries)
{
	size_t i;

	for (i = 0; i < AST_VECTOR_SIZE(entries); i++) {
		ast_channel_unref(AST_VECTOR_GET_ADDR(entries, i)->chan);
	}
	AST_VECTOR_FREE(entries);
}

static uint64_t frames_dropped(const struct entry *entry)
{
	return entry->role == VR_PUBLISHER ? entry->counters.unwanted : entry->counters.dropped;
}

static uint64_t keyframe_requests(const struct entry *entry)
{
	return entry->role == VR_PUBLISHER ? entry->counters.keyframes_sent : entry->counters.keyframes_asked;
}

static const char *role_name(const struct entry *entry)
{
	return entry->role == VR_PUBLISHER ? "publisher" : "subscriber";
}

static int action_list(struct mansession *session, const struct message *message)
{
	const char *id = astman_get_header(message, "ActionID");
	char action_id[128] = "";
	char name[AST_CHANNEL_NAME];
	char uniqueid[AST_MAX_UNIQUEID];
	struct entries entries;
	size_t i;

	if (!ast_strlen_zero(id)) {
		snprintf(action_id, sizeof(action_id), "ActionID: %s\r\n", id);
	}
	entries_collect(&entries);
	astman_send_listack(session, message, "Video routes follow", "start");
	for (i = 0; i < AST_VECTOR_SIZE(&entries); i++) {
		const struct entry *entry = AST_VECTOR_GET_ADDR(&entries, i);
		int publisher = entry->role == VR_PUBLISHER;

		struct ast_codec *codec = ast_codec_get_by_id(entry->codec);

		entry_names(entry, name, sizeof(name), uniqueid, sizeof(uniqueid));
		astman_append(session,
			"Event: VideoRouterEntry\r\n"
			"%s"
			"Channel: %s\r\n"
			"Uniqueid: %s\r\n"
			"Role: %s\r\n"
			"Key: %s\r\n"
			"Active: %s\r\n"
			"Format: %s\r\n"
			"Held: %s\r\n"
			"FramesIn: %" PRIu64 "\r\n"
			"FramesOut: %" PRIu64 "\r\n"
			"FramesDropped: %" PRIu64 "\r\n"
			"FramesNoFormat: %" PRIu64 "\r\n"
			"FramesQueueBusy: %" PRIu64 "\r\n"
			"KeyframeRequests: %" PRIu64 "\r\n"
			"KeyframesMerged: %" PRIu64 "\r\n"
			"\r\n",
			action_id, name, uniqueid, role_name(entry), entry->key,
			AST_YESNO(entry->active), codec ? codec->name : "", AST_YESNO(entry->held),
			publisher ? entry->counters.in : 0,
			publisher ? 0 : entry->counters.out,
			frames_dropped(entry),
			publisher ? 0 : entry->counters.no_format,
			publisher ? 0 : entry->counters.busy,
			keyframe_requests(entry),
			publisher ? entry->counters.keyframes_merged : entry->counters.keyframes_slowed);
		ao2_cleanup(codec);
	}
	astman_send_list_complete_start(session, message, "VideoRouterListComplete", AST_VECTOR_SIZE(&entries));
	astman_send_list_complete_end(session);
	entries_free(&entries);
	return 0;
}

static char *cli_show(struct ast_cli_entry *e, int cmd, struct ast_cli_args *a)
{
	char name[AST_CHANNEL_NAME];
	char uniqueid[AST_MAX_UNIQUEID];
	struct entries entries;
	size_t i;

	switch (cmd) {
	case CLI_INIT:
		e->command = "video router show";
		e->usage =
			"Usage: video router show\n"
			"       Show who publishes a picture and who is shown it.\n";
		return NULL;
	case CLI_GENERATE:
		return NULL;
	}
	if (a->argc != 3) {
		return CLI_SHOWUSAGE;
	}

	entries_collect(&entries);
	ast_cli(a->fd, "%-36s %-10s %-24s %-6s %10s %10s %10s %8s %6s\n",
		"Channel", "Role", "Key", "Active", "Frames", "Dropped", "NoFormat", "Busy", "KeyRq");
	for (i = 0; i < AST_VECTOR_SIZE(&entries); i++) {
		const struct entry *entry = AST_VECTOR_GET_ADDR(&entries, i);
		int publisher = entry->role == VR_PUBLISHER;

		entry_names(entry, name, sizeof(name), uniqueid, sizeof(uniqueid));
		ast_cli(a->fd, "%-36s %-10s %-24s %-6s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %6" PRIu64 "\n",
			name, role_name(entry), entry->key, entry->held ? "held" : AST_YESNO(entry->active),
			publisher ? entry->counters.in : entry->counters.out,
			frames_dropped(entry),
			publisher ? 0 : entry->counters.no_format,
			publisher ? 0 : entry->counters.busy,
			keyframe_requests(entry));
	}
	ast_cli(a->fd, "%zu role%s; a keyframe is asked of a publisher every %d ms at most\n",
		AST_VECTOR_SIZE(&entries), ESS(AST_VECTOR_SIZE(&entries)), vr_keyframes_interval());
	entries_free(&entries);
	return CLI_SUCCESS;
}

static struct ast_cli_entry cli[] = {
	AST_CLI_DEFINE(cli_show, "Show who publishes a picture and who is shown it"),
};

int vr_list_register(void)
{
	return ast_manager_register_xml("VideoRouterList", EVENT_FLAG_CALL | EVENT_FLAG_REPORTING | EVENT_FLAG_SYSTEM, action_list)
		| ast_cli_register_multiple(cli, ARRAY_LEN(cli));
}

void vr_list_unregister(void)
{
	ast_manager_unregister("VideoRouterList");
	ast_cli_unregister_multiple(cli, ARRAY_LEN(cli));
}
