'use client';
// Elements of the pricing table.

import { element } from './element.ts';

/** The pricing table. */
export const PricingTable = element('pricingTable', 'section');
/** Choice between billing periods, such as months and years. */
export const PricingIntervals = element('pricingIntervals', 'div');
/** One billing period. `data-selected` for the chosen one. */
export const PricingInterval = element('pricingInterval', 'button');
/** The list of plans in a pricing table. */
export const PricingPlans = element('pricingPlans', 'ul');
/** One plan. `data-current` for the customer's own, `data-loading` for the place of one that is being loaded. */
export const PricingPlan = element('pricingPlan', 'li');
/** The line with the name of a plan and its badge. */
export const PlanHeader = element('planHeader', 'div');
/** The name of a plan. */
export const PlanName = element('planName', 'h3');
/** The badge of the customer's own plan. */
export const PlanBadge = element('planBadge', 'span');
/** A sentence about a plan. */
export const PlanDescription = element('planDescription', 'p');
/** What a plan costs, and how often. */
export const PlanPrice = element('planPrice', 'p');
/** The amount of money that a plan costs. */
export const PlanAmount = element('planAmount', 'span');
/** How often a plan is paid. */
export const PlanInterval = element('planInterval', 'span');
/** What the customer should know of their plan: its end, or an overdue payment. */
export const PlanNote = element('planNote', 'p');
/** The list of what a plan has. */
export const PlanFeatures = element('planFeatures', 'ul');
/** One feature of a plan. */
export const PlanFeature = element('planFeature', 'li');
/** The place of a plan's button. */
export const PlanAction = element('planAction', 'div');
/** The text in place of plans when there are none. */
export const PricingEmpty = element('pricingEmpty', 'p');
