/*
 * Format parameters of H.263 and H.261 for Asterisk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*!
 * \file
 * \brief What a=fmtp says of H.263 (RFC 4629 8.1) and H.261 (RFC 4587 6.1), kept from the offer to the answer.
 *
 * In place of Asterisk's res_format_attr_h263, which has nothing for H.261, offers no picture size of ours, and answers with
 * annexes that a terminal may then believe we asked for. Kept are the sizes with their least intervals, profile and level, and
 * MAXBR, which older terminals tell; everything else is an option that a sender may leave unused.
 *
 * A module of its own, since an interface of formats can't be taken back: the video router is to be unloaded.
 */

#ifndef AST_MODULE
#define AST_MODULE "res_format_attr_h26x"
#endif
#ifndef AST_MODULE_SELF_SYM
#define AST_MODULE_SELF_SYM __internal_res_format_attr_h26x_self
#endif

#include "asterisk.h"

#include "asterisk/format.h"
#include "asterisk/module.h"
#include "asterisk/strings.h"
#include "asterisk/utils.h"

/*! \brief As they are told again; those up to SIZES are picture sizes, and "level" (H.263 Annex X) stands for sizes, too */
static const char *const names[] = { "CIF16", "CIF4", "CIF", "QCIF", "SQCIF", "LEVEL", "PROFILE", "MAXBR" };

#define SIZES 6

/*! \brief What a peer told; 0 where nothing */
struct h26x_attr {
	unsigned int values[ARRAY_LEN(names)];
};

static void h26x_destroy(struct ast_format *format)
{
	ast_free(ast_format_get_attribute_data(format));
}

static int h26x_clone(const struct ast_format *from, struct ast_format *to)
{
	const struct h26x_attr *told = ast_format_get_attribute_data(from);
	struct h26x_attr *copy = ast_calloc(1, sizeof(*copy));

	if (!copy) {
		return -1;
	}
	if (told) {
		*copy = *told;
	}
	ast_format_set_attribute_data(to, copy);
	return 0;
}

/*! \brief Two of a codec are one: what a receiver takes decides how it is sent to, not whether */
static enum ast_format_cmp_res h26x_cmp(const struct ast_format *one, const struct ast_format *other)
{
	return AST_FORMAT_CMP_EQUAL;
}

static struct ast_format *h26x_joint(const struct ast_format *one, const struct ast_format *other)
{
	return ast_format_clone(ast_format_get_attribute_data(one) ? one : other);
}

/*! \brief "CIF=2" into values; whatever else it is, is passed over */
static void read_parameter(struct h26x_attr *attr, const char *parameter)
{
	char name[16];
	unsigned int value;
	size_t i;
	int end = 0;

	if (sscanf(parameter, "%15[A-Za-z0-9] = %5u%n", name, &value, &end) < 2 || parameter[end]) {
		return;
	}
	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (!strcasecmp(name, names[i]) && !attr->values[i]) {
			attr->values[i] = value;
		}
	}
}

static struct ast_format *h26x_parse(const struct ast_format *format, const char *text)
{
	struct ast_format *parsed = ast_format_clone(format);
	struct h26x_attr *attr;
	char *rest = ast_strdupa(text);
	char *parameter;

	if (!parsed) {
		return NULL;
	}
	attr = ast_format_get_attribute_data(parsed);
	memset(attr, 0, sizeof(*attr));
	while ((parameter = strsep(&rest, "; "))) { /* older terminals put blanks between them */
		read_parameter(attr, ast_strip(parameter));
	}
	return parsed;
}

static void h26x_generate(const struct ast_format *format, unsigned int payload, struct ast_str **str)
{
	static const struct h26x_attr silent;
	const struct h26x_attr *attr = ast_format_get_attribute_data(format);
	int sizes = 0;
	size_t i;

	if (!attr) {
		attr = &silent;
	}
	for (i = 0; i < SIZES; i++) {
		sizes |= attr->values[i];
	}
	if (!sizes && !payload) {
		return; /* VIDEO_FMTP() asks so: what the peer told, not what we would tell it (no video has payload type 0) */
	}
	ast_str_append(str, 0, "a=fmtp:%u ", payload);
	if (!sizes) {
		ast_str_append(str, 0, "CIF=1;QCIF=1\r\n");
		return;
	}
	sizes = 0;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		/* Of profiles 0 is the baseline, and a level needs one. */
		if (attr->values[i] || (i == SIZES && attr->values[SIZES - 1])) {
			ast_str_append(str, 0, "%s%s=%u", sizes ? ";" : "", names[i], attr->values[i]);
			sizes = 1;
		}
	}
	ast_str_append(str, 0, "\r\n");
}

static const struct ast_format_interface h26x_interface = {
	.format_destroy = h26x_destroy,
	.format_clone = h26x_clone,
	.format_cmp = h26x_cmp,
	.format_get_joint = h26x_joint,
	.format_parse_sdp_fmtp = h26x_parse,
	.format_generate_sdp_fmtp = h26x_generate,
};

static int load_module(void)
{
	if (ast_format_interface_register("h261", &h26x_interface) || ast_format_interface_register("h263", &h26x_interface)
		|| ast_format_interface_register("h263p", &h26x_interface)) {
		return AST_MODULE_LOAD_DECLINE;
	}
	return AST_MODULE_LOAD_SUCCESS;
}

static int unload_module(void)
{
	return -1;
}

AST_MODULE_INFO(ASTERISK_GPL_KEY, AST_MODFLAG_LOAD_ORDER, "Format parameters of H.263 and H.261",
	.support_level = AST_MODULE_SUPPORT_EXTENDED,
	.load = load_module,
	.unload = unload_module,
	.load_pri = AST_MODPRI_CHANNEL_DEPEND,
);
